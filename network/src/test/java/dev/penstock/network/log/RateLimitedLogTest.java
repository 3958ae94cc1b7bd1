package dev.penstock.network.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
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
    void fiveLinesASecondOfAKindAndHowManyMore() {
        AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // it may wrap around
        RateLimitedLog log = new RateLimitedLog(now::get);
        for (int i = 1; i <= 8; i++) {
            int number = i;
            log.warn("kind", () -> "line " + number);
        }
        assertEquals(List.of("line 1", "line 2", "line 3", "line 4", "line 5"), lines);

        lines.clear();
        log.info("another", () -> "of another kind");
        assertEquals(List.of("of another kind"), lines);

        lines.clear();
        now.addAndGet(1_000_000_000);
        log.warn("kind", () -> "line {0} 9");
        log.warn("kind", () -> "line 10");
        assertEquals(List.of("line {0} 9 (and 3 more of the kind before)", "line 10"), lines);
    }

    @Test
    void eachIsOneLineAndNotALongOne() {
        RateLimitedLog log = new RateLimitedLog(() -> 0);
        log.warn("kind", () -> "a\nb\u001bc" + "d".repeat(1000));
        assertEquals(List.of("a?b?c" + "d".repeat(495) + "…"), lines);
    }

    @Test
    void whatIsNotLoggedIsNotMade() {
        RateLimitedLog log = new RateLimitedLog(() -> 0);
        AtomicLong made = new AtomicLong();
        for (int i = 0; i < 1000; i++) {
            log.warn("kind", () -> "line " + made.incrementAndGet());
        }
        assertEquals(5, made.get());
    }
}
