package dev.penstock.network.codec;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.invoke.MethodHandles;
import org.junit.jupiter.api.Test;

/** Nothing is allocated for what is written. */
class WriteAllocationTest {

    private static final int CALLS = 300_000;

    /** The smallest object is of 16 bytes; this leaves room for what the virtual machine does now and then. */
    private static final double BYTES_PER_CALL = 0.1;

    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    private record Primitives(boolean flag, byte b, short s, char c, int i, long l, float f, double d) {}

    private enum Level {
        LOW,
        HIGH
    }

    private record Point(int x, int y) {}

    private record Objects(
            String text, byte[] bytes, Level level, Point at, Object any, Comparable<?> boxed, Wire.PathRef ref) {}

    private static final class Tick {
        long time = 1;
        double price = 2;
        String symbol = "ACME é";
    }

    private static final class TickCodec implements Codec<Tick> {
        @Override
        public Class<Tick> type() {
            return Tick.class;
        }

        @Override
        public String shape() {
            return "Tick(long time,double price,String symbol)";
        }

        @Override
        public void write(Tick tick, WireWriter out) {
            out.putLong(tick.time);
            out.putDouble(tick.price);
            out.putString(tick.symbol);
        }

        @Override
        public Tick read(WireReader in) {
            throw new UnsupportedOperationException();
        }
    }

    private static final Codecs CODECS = Codecs.builder()
            .record(100, Primitives.class, LOOKUP)
            .record(101, Objects.class, LOOKUP)
            .record(102, Point.class, LOOKUP)
            .record(103, Wire.PathRef.class, LOOKUP)
            .add(104, new TickCodec())
            .build();

    private final Wire wire = new Wire(CODECS);

    @Test
    void ofARecordOfPrimitives() {
        writesWithoutAllocation(new Primitives(true, (byte) 1, (short) 2, 'c', 1 << 20, 1L << 40, 1.5f, 2.5));
    }

    @Test
    void ofARecordOfObjects() {
        writesWithoutAllocation(new Objects(
                "some text € 😀",
                new byte[100],
                Level.HIGH,
                new Point(1, 2),
                new Point(3, 4),
                5_000_000_000L,
                new Wire.PathRef("/there")));
    }

    @Test
    void ofAUsersCodec() {
        writesWithoutAllocation(new Tick());
    }

    @Test
    void ofABuiltInType() {
        writesWithoutAllocation(5_000_000_000L);
        writesWithoutAllocation("some text");
    }

    @Test
    void ofAFrameThatIsFull() {
        Primitives value = new Primitives(true, (byte) 1, (short) 2, 'c', 1 << 20, 1L << 40, 1.5f, 2.5);
        byte[] bytes = new byte[20];
        noAllocation(() -> {
            wire.out.wrap(bytes, 0, bytes.length);
            try {
                wire.codecs.write(value, wire.out);
                throw new AssertionError("there is room for it");
            } catch (WireException full) {
                wire.out.position(0);
            }
        });
        wire.out.wrap(bytes, 0, bytes.length);
        assertTrue(assertThrows(WireException.class, () -> wire.codecs.write(value, wire.out))
                .isNoRoom());
    }

    /** So that a measurement which sees nothing is noticed. */
    @Test
    void theMeasurementSeesAnObjectPerCall() {
        Object[] kept = new Object[1];
        double bytes = Allocation.perCall(CALLS, () -> kept[0] = new Object());
        assertTrue(bytes >= 16 - BYTES_PER_CALL, bytes + " bytes an object");
    }

    private void writesWithoutAllocation(Object value) {
        byte[] bytes = new byte[1024];
        noAllocation(() -> {
            wire.out.wrap(bytes, 0, bytes.length);
            wire.codecs.write(value, wire.out);
        });
    }

    private static void noAllocation(Runnable call) {
        double bytes = Allocation.perCall(CALLS, call);
        assertTrue(bytes < BYTES_PER_CALL, bytes + " bytes a call");
    }
}
