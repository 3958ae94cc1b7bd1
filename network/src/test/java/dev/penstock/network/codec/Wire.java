package dev.penstock.network.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.actor.ActorRef;
import java.util.Arrays;
import java.util.function.Consumer;

/** A writer and a reader of the same bytes, for tests. */
final class Wire {

    /** A ref that is nothing but its path. */
    record PathRef(String path) implements ActorRef<Object> {
        @Override
        public boolean tell(Object message) {
            throw new AssertionError("nothing is told to it");
        }
    }

    /** Writes the path of a ref. */
    static final RefCodec PATHS = new RefCodec() {
        @Override
        public void write(ActorRef<?> ref, WireWriter out) {
            out.putString(ref == null ? null : ref.path());
        }

        @Override
        public ActorRef<?> read(WireReader in) {
            String path = in.getString();
            return path == null ? null : new PathRef(path);
        }
    };

    final Codecs codecs;
    final WireWriter out;
    final WireReader in;

    private final byte[] bytes = new byte[256 * 1024];

    Wire(Codecs codecs) {
        this.codecs = codecs;
        this.out = new WireWriter(codecs, PATHS);
        this.in = new WireReader(codecs, PATHS);
        out.wrap(bytes, 0, bytes.length);
    }

    static Wire ofBuiltIns() {
        return new Wire(Codecs.none());
    }

    /** What the call writes. */
    byte[] written(Consumer<WireWriter> call) {
        out.wrap(bytes, 0, bytes.length);
        call.accept(out);
        return Arrays.copyOf(bytes, out.position());
    }

    /** Begins to read. */
    WireReader reading(byte[] source) {
        in.wrap(source, 0, source.length);
        return in;
    }

    byte[] encode(Object value) {
        return written(to -> codecs.write(value, to));
    }

    Object decode(byte[] encoded) {
        Object value = codecs.read(reading(encoded));
        assertEquals(0, in.remaining(), "bytes that were written and not read");
        return value;
    }
}
