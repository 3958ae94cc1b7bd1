package dev.penstock.network.peer;

import dev.penstock.network.codec.Codecs;
import dev.penstock.network.codec.WireException;
import dev.penstock.network.codec.WireReader;
import dev.penstock.network.codec.WireWriter;

/**
 * What each side says of itself: the dialing one in HELLO, the other in ACCEPT.
 *
 * @param client whether it is no member, but a client
 * @param cluster the name of the cluster
 * @param name the node
 * @param incarnation its life
 * @param expectedName whom it means to speak to; {@link #ANYBODY} if it does not mind
 * @param expectedIncarnation in which life; then 0
 * @param epoch in HELLO the last one it knows of between the two, in ACCEPT the new one
 * @param numbers of the codecs it has, ascending
 * @param shapes what each of them writes, as a hash
 */
record Greeting(
        boolean client,
        String cluster,
        String name,
        long incarnation,
        String expectedName,
        long expectedIncarnation,
        int epoch,
        int[] numbers,
        long[] shapes) {

    static final String ANYBODY = "*";

    private static final int MAX_CODECS = 4096;

    /** To a peer; null if it may be anybody. */
    static Greeting of(Node node, Peer peer, int epoch) {
        Codecs codecs = node.codecs();
        int[] numbers = codecs.numbers();
        long[] shapes = new long[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            shapes[i] = codecs.shapeHash(numbers[i]);
        }
        return new Greeting(
                node.isClient(),
                node.cluster(),
                node.self().name(),
                node.self().incarnation(),
                peer == null ? ANYBODY : peer.member().name(),
                peer == null ? 0 : peer.member().incarnation(),
                epoch,
                numbers,
                shapes);
    }

    void write(WireWriter out) {
        out.putLong(Wire.MAGIC);
        out.putShort(Wire.VERSION);
        out.putByte(client ? 1 : 0);
        out.putString(cluster);
        out.putString(name);
        out.putLong(incarnation);
        out.putString(expectedName);
        out.putLong(expectedIncarnation);
        out.putInt(epoch);
        out.putShort(numbers.length);
        for (int i = 0; i < numbers.length; i++) {
            out.putShort(numbers[i]);
            out.putLong(shapes[i]);
        }
    }

    static Greeting read(WireReader in) {
        if (in.getLong() != Wire.MAGIC) {
            throw new Violation("not this protocol");
        }
        int version = in.getShort();
        if (version != Wire.VERSION) {
            throw new Violation("version " + version + " of the protocol, here it is " + Wire.VERSION);
        }
        try {
            int kind = in.getByte();
            if (kind != 0 && kind != 1) {
                throw new Violation("a greeting of kind " + kind);
            }
            String cluster = text(in);
            String name = text(in);
            long incarnation = in.getLong();
            String expectedName = text(in);
            long expectedIncarnation = in.getLong();
            int epoch = in.getInt();
            if (epoch < 0 || epoch == Integer.MAX_VALUE) {
                throw new Violation("epoch " + epoch + ", after which there is none");
            }
            int count = in.getShort();
            if (count < 0 || count > MAX_CODECS || in.remaining() != count * 10) {
                throw new Violation("a table of " + count + " codecs in " + in.remaining() + " bytes");
            }
            int[] numbers = new int[count];
            long[] shapes = new long[count];
            for (int i = 0; i < count; i++) {
                numbers[i] = in.getShort() & 0xffff;
                shapes[i] = in.getLong();
                if (i > 0 && numbers[i] <= numbers[i - 1]) {
                    throw new Violation("a table of codecs out of order");
                }
            }
            return new Greeting(
                    kind == 1, cluster, name, incarnation, expectedName, expectedIncarnation, epoch, numbers, shapes);
        } catch (WireException malformed) {
            throw new Violation("a malformed greeting: " + malformed.getMessage());
        }
    }

    private static String text(WireReader in) {
        String text = in.getString();
        if (text == null || text.isEmpty() || text.length() > 200) {
            throw new Violation("a name of no length, or of too much");
        }
        return text;
    }

    /** The numbers that both sides have, as marks; null if one of them means different things. */
    static boolean[] agreed(Greeting mine, Greeting theirs) {
        boolean[] agreed = new boolean[Short.MAX_VALUE + 1];
        int other = 0;
        for (int i = 0; i < mine.numbers.length; i++) {
            int number = mine.numbers[i];
            while (other < theirs.numbers.length && theirs.numbers[other] < number) {
                other++;
            }
            if (other < theirs.numbers.length && theirs.numbers[other] == number) {
                if (theirs.shapes[other] != mine.shapes[i]) {
                    return null;
                }
                agreed[number] = true;
            }
        }
        return agreed;
    }

    /** The first number that means different things, after {@link #agreed} has found one. */
    static int conflict(Greeting mine, Greeting theirs) {
        for (int i = 0; i < mine.numbers.length; i++) {
            for (int j = 0; j < theirs.numbers.length; j++) {
                if (mine.numbers[i] == theirs.numbers[j] && mine.shapes[i] != theirs.shapes[j]) {
                    return mine.numbers[i];
                }
            }
        }
        return -1;
    }
}
