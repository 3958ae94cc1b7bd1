package dev.penstock.benchmarks.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private long now;

    private final StringWriter out = new StringWriter();
    private final Progress progress = new Progress(10, Duration.ofSeconds(100), () -> now, new PrintWriter(out));

    private void stepOf(int seconds) {
        now += Duration.ofSeconds(seconds).toNanos();
        progress.done("step");
    }

    @Test
    void theGuessGivesWayToWhatWasSeen() {
        assertEquals(Duration.ofSeconds(100), progress.left());
        stepOf(30);
        assertEquals(Duration.ofSeconds(9 * 20), progress.left(), "between 10 and 30");
        for (int i = 0; i < 8; i++) {
            stepOf(30);
        }
        assertEquals(Duration.ofSeconds(28), progress.left());
        assertEquals(
                "[1/10] 3:00 left  step", out.toString().lines().findFirst().orElseThrow());
    }

    @Test
    void aStepThatIsDroppedIsNotWaitedFor() {
        progress.dropped(4);
        stepOf(10);
        assertEquals("[1/6]", out.toString().substring(0, 5));
    }
}
