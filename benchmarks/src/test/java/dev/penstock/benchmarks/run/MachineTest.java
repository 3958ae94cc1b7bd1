package dev.penstock.benchmarks.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {

    @Test
    void aFactIsTheFirstValueOfItsKey(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("cpuinfo");
        Files.writeString(file, "processor\t: 0\nmodel name\t: Some CPU @ 2: fast\n\nmodel name\t: Other\n");
        assertEquals("Some CPU @ 2: fast", Machine.fact(file, "model name"));
        assertEquals("unknown", Machine.fact(file, "model"));
        assertEquals("unknown", Machine.fact(folder.resolve("none"), "model name"));
    }

    @Test
    void memoryIsRounded() {
        assertEquals("23.5 GiB", Machine.memory("24641536 kB"));
        assertEquals("unknown", Machine.memory("unknown"));
    }

    @Test
    void aProcessorWithoutANameIsItsArchitecture() {
        assertEquals("aarch64", Machine.processor("unknown", "aarch64"));
        assertEquals("Some CPU, amd64", Machine.processor("Some CPU", "amd64"));
    }

    @Test
    void thisOneIsWrittenAndRead() throws IOException {
        Machine here = Machine.here();
        assertTrue(here.cores() > 0);
        assertFalse(here.jdk().isBlank());
        assertEquals(here, Json.as(Json.parse(Json.of(here).toString()), Machine.class));
    }
}
