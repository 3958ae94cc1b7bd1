package dev.penstock.network.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RateLimitedLogTest {

    private final Logger logger = Logger.getLogger("dev.penstock.network");
    private final List<String> lines = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            lines.add(entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
    }

    @AfterEach
    void stop() {
        logger.removeHandler(handler);
    }

    @Test
    void fiveLinesASecondAndHowManyMore() {
        SteppedLoop loop = new SteppedLoop();
        RateLimitedLog log = new RateLimitedLog(loop);
        for (int i = 1; i <= 8; i++) {
            log.warn("line " + i);
        }
        assertEquals(List.of("line 1", "line 2", "line 3", "line 4", "line 5"), lines);

        lines.clear();
        loop.advance(Duration.ofSeconds(1));
        assertEquals(List.of("3 more such lines were left out"), lines);

        lines.clear();
        log.warn("line {0} 9");
        loop.advance(Duration.ofSeconds(5));
        assertEquals(List.of("line {0} 9"), lines);
    }
}
