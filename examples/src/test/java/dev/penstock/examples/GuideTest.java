package dev.penstock.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.RepeatedTest;

class GuideTest {

    @RepeatedTest(20)
    void printsExactlyTheText() throws IOException {
        try (InputStream text = GuideTest.class.getResourceAsStream("/guide.txt")) {
            assertEquals(
                    new String(text.readAllBytes(), StandardCharsets.UTF_8),
                    Run.of("guide").expect(0).out());
        }
    }
}
