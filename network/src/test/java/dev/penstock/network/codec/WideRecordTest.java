package dev.penstock.network.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.invoke.MethodHandles;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A record has at most 64 components; the records that show it are long. */
class WideRecordTest {

    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    @Test
    void of64ComponentsGoesThereAndBack() throws ReflectiveOperationException {
        Wire wire = new Wire(Codecs.builder().record(100, Widest.class, LOOKUP).build());
        Object[] longs = new Random(7).longs(64).boxed().toArray();
        Object value = Widest.class.getDeclaredConstructors()[0].newInstance(longs);
        assertEquals(2 + 64 * Long.BYTES, wire.encode(value).length);
        assertEquals(value, wire.decode(wire.encode(value)));
    }

    @Test
    void of65IsRefused() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, Codecs.builder().record(100, TooWide.class, LOOKUP)::build);
        assertEquals(TooWide.class.getName() + " has 65 components; the limit is 64", refused.getMessage());
    }

    private record Widest(
            long c0,
            long c1,
            long c2,
            long c3,
            long c4,
            long c5,
            long c6,
            long c7,
            long c8,
            long c9,
            long c10,
            long c11,
            long c12,
            long c13,
            long c14,
            long c15,
            long c16,
            long c17,
            long c18,
            long c19,
            long c20,
            long c21,
            long c22,
            long c23,
            long c24,
            long c25,
            long c26,
            long c27,
            long c28,
            long c29,
            long c30,
            long c31,
            long c32,
            long c33,
            long c34,
            long c35,
            long c36,
            long c37,
            long c38,
            long c39,
            long c40,
            long c41,
            long c42,
            long c43,
            long c44,
            long c45,
            long c46,
            long c47,
            long c48,
            long c49,
            long c50,
            long c51,
            long c52,
            long c53,
            long c54,
            long c55,
            long c56,
            long c57,
            long c58,
            long c59,
            long c60,
            long c61,
            long c62,
            long c63) {}

    private record TooWide(
            int c0,
            int c1,
            int c2,
            int c3,
            int c4,
            int c5,
            int c6,
            int c7,
            int c8,
            int c9,
            int c10,
            int c11,
            int c12,
            int c13,
            int c14,
            int c15,
            int c16,
            int c17,
            int c18,
            int c19,
            int c20,
            int c21,
            int c22,
            int c23,
            int c24,
            int c25,
            int c26,
            int c27,
            int c28,
            int c29,
            int c30,
            int c31,
            int c32,
            int c33,
            int c34,
            int c35,
            int c36,
            int c37,
            int c38,
            int c39,
            int c40,
            int c41,
            int c42,
            int c43,
            int c44,
            int c45,
            int c46,
            int c47,
            int c48,
            int c49,
            int c50,
            int c51,
            int c52,
            int c53,
            int c54,
            int c55,
            int c56,
            int c57,
            int c58,
            int c59,
            int c60,
            int c61,
            int c62,
            int c63,
            int c64) {}
}
