package dev.penstock.benchmarks.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkFramesTest {

    @Test
    void framesAreFoundWhereverTheBytesAreCut() {
        byte[] bytes = new byte[3 * (LinkFrames.HEADER + Long.BYTES)];
        int end = 0;
        for (long n = 1; n <= 3; n++) {
            end = LinkFrames.putInt(bytes, end, Long.BYTES);
            end = LinkFrames.putLong(bytes, end, n);
        }
        for (int piece = 1; piece <= bytes.length; piece++) {
            List<Long> found = new ArrayList<>();
            LinkFrames frames = new LinkFrames((in, from, to) -> {
                assertEquals(Long.BYTES, to - from);
                found.add(LinkFrames.getLong(in, from));
            });
            for (int from = 0; from < bytes.length; from += piece) {
                frames.received(bytes, from, Math.min(bytes.length, from + piece));
            }
            assertEquals(List.of(1L, 2L, 3L), found, "in pieces of " + piece);
        }
    }
}
