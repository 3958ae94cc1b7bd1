package dev.penstock.network.hostile;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** What can become of a frame's bytes. */
final class Mutation {

    private static final long[] EXTREMES = {
        0,
        1,
        -1,
        2,
        1024,
        1025,
        0x7fff,
        0x8000,
        0xffff,
        65_516,
        65_532,
        65_533,
        65_537,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Integer.MAX_VALUE - 3,
        1L << 32,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    private Mutation() {}

    static long extreme(Random random) {
        return EXTREMES[random.nextInt(EXTREMES.length)];
    }

    static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    static byte[] of(byte[] frame, Random random) {
        byte[] bytes = frame.clone();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        switch (random.nextInt(10)) {
            case 0: // its length
                buffer.putInt(0, (int) (random.nextBoolean() ? extreme(random) : random.nextInt(17)));
                return bytes;
            case 1: // its type
                bytes[4] = (byte) random.nextInt(256);
                return bytes;
            case 2: // bits that mean nothing
                bytes[5 + random.nextInt(3)] = (byte) (1 + random.nextInt(255));
                return bytes;
            case 3: { // cut short, and what is left is well framed
                int length = Frame.HEADER + random.nextInt(bytes.length - Frame.HEADER + 1);
                buffer.putInt(0, length - 4);
                return Arrays.copyOf(bytes, length);
            }
            case 4: // cut short: what follows is taken for its rest
                return Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            case 5: { // too long
                byte[] more = new byte[1 + random.nextInt(50)];
                random.nextBytes(more);
                buffer.putInt(0, bytes.length + more.length - 4);
                return join(bytes, more);
            }
            case 6: // a field of its body
                if (bytes.length > Frame.HEADER + 8) {
                    int at = Frame.HEADER + random.nextInt(bytes.length - Frame.HEADER - 8);
                    switch (random.nextInt(3)) {
                        case 0 -> buffer.putShort(at, (short) extreme(random));
                        case 1 -> buffer.putInt(at, (int) extreme(random));
                        default -> buffer.putLong(at, extreme(random));
                    }
                }
                return bytes;
            case 7: // noise
                for (int i = Frame.HEADER; i < bytes.length; i++) {
                    bytes[i] = (byte) random.nextInt();
                }
                return bytes;
            default: // some bits
                for (int i = 1 + random.nextInt(8); i > 0; i--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                return bytes;
        }
    }
}
