package dev.penstock.network.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the bytes are: they are a value or a WireException, and nothing is made of a size that they merely claim. */
class MalformedInputTest {

    /** For values, exceptions, their messages and stacks; the sizes that the test claims are far beyond it. */
    private static final int OVERHEAD = 24 * 1024;

    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    private enum Level {
        LOW,
        HIGH
    }

    private interface Part {}

    private record Point(int x, int y) implements Part {}

    private record Range(int from, int to) implements Part {
        Range {
            if (from > to) {
                throw new IllegalArgumentException(from + " is beyond " + to);
            }
        }
    }

    private record Sample(
            boolean flag,
            char c,
            double d,
            String text,
            byte[] bytes,
            Level level,
            ActorRef<?> ref,
            Point point,
            Part part,
            Object any,
            Rest rest) {}

    private record Rest(Part first, Part second) {}

    /** A user's codec, which trusts what it reads. */
    private static final class TrustingCodec implements Codec<int[]> {
        @Override
        public Class<int[]> type() {
            return int[].class;
        }

        @Override
        public String shape() {
            return "ints, the count before them";
        }

        @Override
        public void write(int[] ints, WireWriter out) {
            out.putByte(ints.length);
            for (int i : ints) {
                out.putInt(i);
            }
        }

        @Override
        public int[] read(WireReader in) {
            int[] ints = new int[in.getByte()]; // NegativeArraySizeException
            for (int i = 0; i < ints.length; i++) {
                ints[i] = in.getInt();
            }
            return ints;
        }
    }

    private static final Codecs CODECS = Codecs.builder()
            .record(100, Sample.class, LOOKUP)
            .record(101, Point.class, LOOKUP)
            .record(102, Range.class, LOOKUP)
            .record(103, Rest.class, LOOKUP)
            .add(104, new TrustingCodec())
            .build();

    private final Wire wire = new Wire(CODECS);

    static List<Object> values() {
        Rest rest = new Rest(new Point(5, 6), new Range(7, 8));
        return List.of(
                true,
                (byte) 1,
                (short) 2,
                3,
                4L,
                5f,
                6d,
                'c',
                "text with é, € and 😀",
                new byte[] {1, 2, 3},
                new Point(1, 2),
                new Range(1, 2),
                rest,
                new int[] {1, 2, 3},
                new Sample(false, 'x', 1, null, null, null, null, null, null, null, null),
                new Sample(
                        true,
                        'x',
                        1,
                        "täxt",
                        new byte[40],
                        Level.HIGH,
                        new Wire.PathRef("/there/actor"),
                        new Point(1, 2),
                        new Range(3, 4),
                        new Sample(true, 'y', 2, "within", new byte[3], Level.LOW, null, null, rest.first, "any", rest),
                        rest));
    }

    @ParameterizedTest
    @MethodSource("values")
    void truncatedAnywhere(Object value) {
        byte[] encoded = wire.encode(value);
        for (int length = 0; length < encoded.length; length++) {
            byte[] truncated = Arrays.copyOf(encoded, length);
            assertThrows(WireException.class, () -> wire.codecs.read(wire.reading(truncated)));
            wire.in.wrap(encoded, 0, length); // though the array goes on
            assertThrows(WireException.class, () -> wire.codecs.read(wire.in));
        }
        wire.decode(encoded);
    }

    @ParameterizedTest
    @MethodSource("values")
    void anyByteChanged(Object value) {
        byte[] encoded = wire.encode(value);
        for (int at = 0; at < encoded.length; at++) {
            byte[] changed = encoded.clone();
            for (int difference = 1; difference < 256; difference++) {
                changed[at] = (byte) (encoded[at] ^ difference);
                readsAValueOrRefuses(changed);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("values")
    void manyBytesChanged(Object value) {
        Random random = new Random(5);
        byte[] encoded = wire.encode(value);
        for (int i = 0; i < 2_000; i++) {
            byte[] changed = encoded.clone();
            for (int j = 0; j < 1 + i % 8; j++) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            readsAValueOrRefuses(changed);
        }
    }

    @Test
    void anyBytesAtAll() {
        Random random = new Random(6);
        int[] numbers = wire.codecs.numbers();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[2 + random.nextInt(100)];
            random.nextBytes(bytes);
            bytes[0] = 0;
            bytes[1] = (byte) numbers[random.nextInt(numbers.length)];
            for (int j = 2; j < bytes.length; j++) {
                if (random.nextBoolean()) {
                    bytes[j] = (byte) random.nextInt(2); // what flags, small lengths and markers look like
                }
            }
            readsAValueOrRefuses(bytes);
        }
    }

    private void readsAValueOrRefuses(byte[] bytes) {
        wire.reading(bytes);
        try {
            assertNotNull(wire.codecs.read(wire.in));
        } catch (WireException refused) {
            assertNotNull(refused.getMessage());
        }
        assertTrue(wire.in.position() >= 0 && wire.in.remaining() >= 0);
    }

    @Test
    void nothingIsMadeOfASizeThatIsMerelyClaimed() {
        byte[] bytes = wire.written(out -> {
            out.putShort(10);
            out.putInt(60_000);
            out.raw(new byte[100], 0, 100);
        });
        byte[] longest = wire.written(out -> {
            out.putShort(10);
            out.putInt(Integer.MAX_VALUE);
        });
        byte[] string = wire.written(out -> {
            out.putShort(9);
            out.putShort(16_000);
            out.raw(new byte[100], 0, 100);
        });
        double least = 10_000; // of the arrays that were claimed, were they made
        for (byte[] claim : List.of(bytes, longest, string)) {
            double made = Allocation.perCall(2_000, () -> readsAValueOrRefuses(claim));
            assertTrue(made < least, made + " bytes a call");
        }
    }

    @Test
    void noChangedByteMakesMoreThanItsInput() {
        for (Object value : values()) {
            byte[] encoded = wire.encode(value);
            for (int at = 0; at < encoded.length; at++) {
                for (int difference : new int[] {1, 0x7f, 0x80, 0xff}) {
                    byte[] changed = encoded.clone();
                    changed[at] ^= (byte) difference;
                    long made = Long.MAX_VALUE; // the least of three: method handles are compiled now and then
                    for (int i = 0; i < 3; i++) {
                        made = Math.min(made, Allocation.by(() -> readsAValueOrRefuses(changed)));
                    }
                    assertTrue(made < OVERHEAD, made + " bytes made of " + encoded.length);
                }
            }
        }
    }

    @Test
    void aReaderThatHasRefusedReadsTheNextOne() {
        byte[] encoded = wire.encode(new Point(1, 2));
        for (int i = 0; i < 100; i++) {
            wire.in.wrap(encoded, 0, encoded.length - 1);
            assertThrows(WireException.class, () -> wire.codecs.read(wire.in));
            assertEquals(new Point(1, 2), wire.decode(encoded));
        }
    }
}
