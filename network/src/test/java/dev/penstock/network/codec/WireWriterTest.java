package dev.penstock.network.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class WireWriterTest {

    private static final byte[] NOTHING = {};

    private final Wire wire = Wire.ofBuiltIns();

    @Test
    void isBigEndian() {
        assertArrayEquals(new byte[] {1, 0, -1, 1, 2, 0, 'a', 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8}, wire.written(out -> {
            out.putBoolean(true);
            out.putBoolean(false);
            out.putByte(-1);
            out.putShort(0x0102);
            out.putChar('a');
            out.putInt(0x01020304);
            out.putLong(0x0102030405060708L);
        }));
    }

    @Test
    void putsTheLengthOfStringsAndArraysBeforeThem() {
        assertArrayEquals(new byte[] {0, 2, 'h', 'i'}, wire.written(out -> out.putString("hi")));
        assertArrayEquals(new byte[] {-1, -1}, wire.written(out -> out.putString(null)));
        assertArrayEquals(new byte[] {0, 0, 0, 2, 7, 8}, wire.written(out -> out.putBytes(new byte[] {7, 8})));
        assertArrayEquals(new byte[] {-1, -1, -1, -1}, wire.written(out -> out.putBytes(null)));
        assertArrayEquals(new byte[] {0, 0, 0, 1, 8}, wire.written(out -> out.putBytes(new byte[] {7, 8, 9}, 1, 1)));
        assertArrayEquals(new byte[] {8, 9}, wire.written(out -> out.raw(new byte[] {7, 8, 9}, 1, 2)));
    }

    @Test
    void writesNothingOfWhatHasNoRoom() {
        List<Consumer<WireWriter>> calls = List.of(
                out -> out.putBoolean(true),
                out -> out.putByte(1),
                out -> out.putShort(1),
                out -> out.putChar('a'),
                out -> out.putInt(1),
                out -> out.putLong(1),
                out -> out.putFloat(1),
                out -> out.putDouble(1),
                out -> out.putString(null),
                out -> out.putString(""),
                out -> out.putString("abc"),
                out -> out.putString("aé€😀"),
                out -> out.putBytes(null),
                out -> out.putBytes(NOTHING),
                out -> out.putBytes(new byte[5]),
                out -> out.raw(new byte[3], 0, 3));
        for (Consumer<WireWriter> call : calls) {
            int length = wire.written(call).length;
            for (int room = 0; room < length; room++) {
                byte[] bytes = new byte[32];
                wire.out.wrap(bytes, 3, 3 + room);
                WireException full = assertThrows(WireException.class, () -> call.accept(wire.out));
                assertTrue(full.isNoRoom());
                assertEquals(3, wire.out.position());
                for (int i = 3 + room; i < bytes.length; i++) {
                    assertEquals(0, bytes[i], "beyond the room");
                }
            }
            wire.out.wrap(new byte[32], 3, 3 + length);
            call.accept(wire.out);
            assertEquals(0, wire.out.remaining());
        }
    }

    @Test
    void staysWithinThePartThatWasWrapped() {
        byte[] bytes = new byte[16];
        assertThrows(IndexOutOfBoundsException.class, () -> wire.out.wrap(bytes, -1, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> wire.out.wrap(bytes, 4, 17));
        assertThrows(IndexOutOfBoundsException.class, () -> wire.out.wrap(bytes, 5, 4));
        wire.out.wrap(bytes, 4, 12);
        assertThrows(IndexOutOfBoundsException.class, () -> wire.out.position(3));
        assertTrue(
                assertThrows(WireException.class, () -> wire.out.position(13)).isNoRoom());
        assertEquals(4, wire.out.position());
        wire.out.position(12);
        assertEquals(0, wire.out.remaining());
        wire.out.position(4);
        assertEquals(8, wire.out.remaining());
    }

    @Test
    void overwritesWithinThePartThatWasWrapped() {
        byte[] bytes = new byte[16];
        wire.out.wrap(bytes, 2, 12);
        wire.out.setShort(2, 0x0102);
        wire.out.setInt(4, 0x03040506);
        wire.out.setShort(10, -1);
        assertArrayEquals(new byte[] {0, 0, 1, 2, 3, 4, 5, 6, 0, 0, -1, -1, 0, 0, 0, 0}, bytes);
        wire.out.setLong(2, 0x0102030405060708L);
        assertArrayEquals(new byte[] {0, 0, 1, 2, 3, 4, 5, 6, 7, 8, -1, -1, 0, 0, 0, 0}, bytes);
        assertEquals(2, wire.out.position());
        for (int index : new int[] {Integer.MIN_VALUE, -1, 1, 11, 12, Integer.MAX_VALUE}) {
            assertThrows(IndexOutOfBoundsException.class, () -> wire.out.setShort(index, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> wire.out.setInt(index, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> wire.out.setLong(index, 1));
        }
    }

    @Test
    void refusesPartsThatAnArrayDoesNotHave() {
        assertThrows(IndexOutOfBoundsException.class, () -> wire.out.putBytes(new byte[3], 1, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> wire.out.putBytes(new byte[3], 0, -1));
        assertThrows(IndexOutOfBoundsException.class, () -> wire.out.raw(new byte[3], -1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> wire.out.raw(new byte[3], 0, Integer.MIN_VALUE));
        assertEquals(0, wire.out.position());
    }

    @Test
    void encodesEveryCharacterAsUtf8() {
        for (int point = 0; point <= Character.MAX_CODE_POINT; point += point < 0x11000 ? 1 : 61) {
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                continue;
            }
            String text = "a" + Character.toString(point) + "z";
            byte[] expected = text.getBytes(StandardCharsets.UTF_8);
            byte[] written = wire.written(out -> out.putString(text));
            assertEquals(expected.length, written[1]);
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], written[2 + i], text);
            }
        }
    }

    @Test
    void refusesHalfOfASurrogatePair() {
        for (String half : List.of("\ud83d", "\ude00", "ab\ud83d", "\ud83dab", "é\ude00\ud83d", "\ud83d\ud83d\ude00")) {
            WireException refused = assertThrows(WireException.class, () -> wire.out.putString(half));
            assertTrue(refused.getMessage().startsWith("half of a surrogate pair"), refused::getMessage);
            assertFalse(refused.isNoRoom());
            assertEquals(0, wire.out.position());
        }
    }

    @Test
    void refusesStringsOfMoreThan16KiB() {
        String ascii = "a".repeat(16 * 1024);
        String euros = "€".repeat(16 * 1024 / 3) + "a";
        String faces = "😀".repeat(4 * 1024);
        for (String text : List.of(ascii, euros, faces)) {
            byte[] written = wire.written(out -> out.putString(text));
            assertEquals(2 + 16 * 1024, written.length);
            assertEquals(text, wire.reading(written).getString());
            WireException refused =
                    assertThrows(WireException.class, () -> wire.written(out -> out.putString(text + "a")));
            assertTrue(refused.getMessage().contains("16385 bytes; the limit is 16384"), refused::getMessage);
            assertEquals(0, wire.out.position());
        }
    }

    @Test
    void refusesArraysOfMoreThan64KiB() {
        byte[] most = new byte[64 * 1024];
        most[most.length - 1] = 1;
        assertArrayEquals(
                most, wire.reading(wire.written(out -> out.putBytes(most))).getBytes());
        byte[] tooMuch = new byte[most.length + 1];
        WireException refused = assertThrows(WireException.class, () -> wire.written(out -> out.putBytes(tooMuch)));
        assertTrue(refused.getMessage().contains("65537 bytes; the limit is 65536"), refused::getMessage);
        assertEquals(0, wire.out.position());
    }
}
