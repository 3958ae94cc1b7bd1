package dev.penstock.network.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Array;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CodecsTest {

    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    /** What a user's codec is for: a class that is no record. */
    private static class Tick {
        final long time;

        Tick(long time) {
            this.time = time;
        }
    }

    private static final class LateTick extends Tick {
        LateTick(long time) {
            super(time);
        }
    }

    private record Point(int x, int y) {}

    private record Box(Object value) {}

    private abstract static class Shape {}

    private enum Level {
        LOW,
        HIGH
    }

    private record Simple<T>(
            Class<T> type, String shape, BiConsumer<T, WireWriter> writer, Function<WireReader, T> reader)
            implements Codec<T> {
        @Override
        public void write(T value, WireWriter out) {
            writer.accept(value, out);
        }

        @Override
        public T read(WireReader in) {
            return reader.apply(in);
        }
    }

    private static Codec<Tick> ticks() {
        return new Simple<>(
                Tick.class, "Tick(long time)", (tick, out) -> out.putLong(tick.time), in -> new Tick(in.getLong()));
    }

    private static <T> Codec<T> of(Class<T> type) {
        return new Simple<>(type, "?", (value, out) -> {}, in -> null);
    }

    @Test
    void builtInTypesGoThereAndBack() {
        Wire wire = Wire.ofBuiltIns();
        List<Object> values = List.of(
                true,
                false,
                Byte.MIN_VALUE,
                Byte.MAX_VALUE,
                Short.MIN_VALUE,
                Short.MAX_VALUE,
                Integer.MIN_VALUE,
                Integer.MAX_VALUE,
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                Float.MIN_VALUE,
                Float.NaN,
                Double.MIN_VALUE,
                Double.NEGATIVE_INFINITY,
                -0.0,
                Character.MIN_VALUE,
                Character.MAX_VALUE,
                "",
                "häuschen € 😀");
        for (Object value : values) {
            byte[] encoded = wire.encode(value);
            assertEquals(wire.codecs.numberOf(value), encoded[1]);
            assertEquals(value, wire.decode(encoded));
        }
        byte[] bytes = {1, 2, 3};
        assertArrayEquals(bytes, (byte[]) wire.decode(wire.encode(bytes)));
        assertArrayEquals(IntStream.rangeClosed(1, 10).toArray(), wire.codecs.numbers());
    }

    @Test
    void findsCodecsByTheClassOfTheValue() {
        Codecs codecs = Codecs.builder().add(32767, ticks()).build();
        assertEquals(4, codecs.numberOf(5));
        assertEquals(32767, codecs.numberOf(new Tick(1)));
        assertEquals(-1, codecs.numberOf(new LateTick(1)));
        assertEquals(-1, codecs.numberOf(new Point(1, 2)));
        assertEquals(-1, codecs.numberOf(null));
        assertEquals(32767, codecs.numbers()[10]);
    }

    @Test
    void findsEachOfMany() {
        Codecs.Builder builder = Codecs.builder();
        Class<?> array = Object.class;
        Object[] values = new Object[250];
        for (int i = 0; i < values.length; i++) {
            values[i] = Array.newInstance(array, 0);
            array = values[i].getClass();
            builder.add(100 + i, of(array));
        }
        Codecs codecs = builder.build();
        for (int i = 0; i < values.length; i++) {
            assertEquals(100 + i, codecs.numberOf(values[i]));
        }
        assertEquals(-1, codecs.numberOf(new Tick(1)));
    }

    @Test
    void writesNumberAndPayload() {
        Wire wire = new Wire(Codecs.builder().add(0x1234, ticks()).build());
        assertArrayEquals(HexFormat.of().parseHex("12340000000000000007"), wire.encode(new Tick(7)));
        byte[] payload = wire.written(out -> wire.codecs.writePayload(0x1234, new Tick(7), out));
        assertEquals(8, payload.length);
        assertEquals(7, ((Tick) wire.codecs.readPayload(0x1234, wire.reading(payload))).time);
    }

    @Test
    void refusesToWriteWhatIsNotRegistered() {
        Wire wire = Wire.ofBuiltIns();
        WireException refused = assertThrows(WireException.class, () -> wire.encode(new Point(1, 2)));
        assertEquals("no codec is registered for " + Point.class.getName(), refused.getMessage());
        refused = assertThrows(WireException.class, () -> wire.codecs.writePayload(-1, new Point(1, 2), wire.out));
        assertEquals("no codec is registered for " + Point.class.getName(), refused.getMessage());
        assertThrows(WireException.class, () -> wire.encode(null));
        assertThrows(WireException.class, () -> wire.codecs.writePayload(-1, null, wire.out));
        assertThrows(WireException.class, () -> wire.codecs.writePayload(4, null, wire.out));
        assertThrows(WireException.class, () -> wire.codecs.writePayload(11, 5, wire.out));
        WireException other =
                assertThrows(WireException.class, () -> wire.codecs.writePayload(4, "no Integer", wire.out));
        assertEquals(ClassCastException.class, other.getCause().getClass());
    }

    @Test
    void refusesNumbersThatAreNotRegistered() {
        Wire wire = new Wire(Codecs.builder().add(200, ticks()).build());
        for (int number : new int[] {-1, 0, 11, 99, 199, 201, 32767, Short.MIN_VALUE}) {
            byte[] written = wire.written(out -> {
                out.putShort(number);
                out.putLong(0);
            });
            assertThrows(WireException.class, () -> wire.codecs.read(wire.reading(written)));
            assertThrows(WireException.class, () -> wire.codecs.readPayload(number, wire.reading(written)));
            assertThrows(WireException.class, () -> wire.codecs.shapeHash(number));
        }
    }

    @Test
    void nullIsNoValueOfItsOwn() {
        Wire wire = new Wire(Codecs.builder().add(100, of(Tick.class)).build());
        byte[] tick = wire.encode(new Tick(1));
        assertThrows(WireException.class, () -> wire.decode(tick));
        byte[] string = {0, 9, -1, -1};
        assertThrows(WireException.class, () -> wire.decode(string));
        byte[] bytes = {0, 10, -1, -1, -1, -1};
        assertThrows(WireException.class, () -> wire.decode(bytes));
    }

    @Test
    void refusesNumbersThatAreNotTheUsers() {
        for (int number : new int[] {Integer.MIN_VALUE, -1, 0, 1, 10, 99, 32768, Integer.MAX_VALUE}) {
            IllegalArgumentException refused = assertThrows(
                    IllegalArgumentException.class, () -> Codecs.builder().add(number, ticks()));
            assertEquals(
                    "number " + number + " of " + Tick.class.getName() + " is not between 100 and 32767",
                    refused.getMessage());
            assertThrows(IllegalArgumentException.class, () -> Codecs.builder().record(number, Point.class, LOOKUP));
        }
    }

    @Test
    void refusesANumberOrATypeTwice() {
        Codecs.Builder builder = Codecs.builder().add(100, ticks()).record(101, Point.class, LOOKUP);
        refused(
                () -> builder.record(100, Box.class, LOOKUP),
                Box.class,
                "number 100: number 100 is " + Tick.class.getName());
        refused(
                () -> builder.record(102, Point.class, LOOKUP),
                Point.class,
                "number 102: number 101 is " + Point.class.getName());
        refused(
                () -> builder.add(102, of(Point.class)),
                Point.class,
                "number 102: number 101 is " + Point.class.getName());
        refused(() -> builder.add(102, of(String.class)), String.class, "number 102: number 9 is java.lang.String");
        assertEquals(12, builder.build().numbers().length);
    }

    private static void refused(Runnable call, Class<?> type, String message) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, call::run);
        assertEquals(type.getName() + " cannot be " + message, refused.getMessage());
    }

    @Test
    void refusesTypesThatNoObjectIsJustOf() {
        for (Class<?> type : List.of(int.class, Runnable.class, Number.class, Shape.class)) {
            assertThrows(IllegalArgumentException.class, () -> Codecs.builder().add(100, of(type)));
        }
        Codecs.builder().add(100, of(int[].class)).add(101, of(Level.class)).build();
    }

    @Test
    void refusesACodecThatDoesNotSayWhatItIs() {
        Codec<Tick> silent = new Simple<>(Tick.class, null, (tick, out) -> {}, in -> null);
        NullPointerException refused =
                assertThrows(NullPointerException.class, Codecs.builder().add(100, silent)::build);
        assertEquals("the shape of codec 100 (" + Tick.class.getName() + ")", refused.getMessage());
        assertThrows(NullPointerException.class, () -> Codecs.builder().add(100, of(null)));
    }

    @Test
    @SuppressWarnings({"unchecked", "rawtypes"})
    void refusesWhatIsNoRecord() {
        assertThrows(
                IllegalArgumentException.class,
                () -> Codecs.builder().record(100, (Class<Record>) (Class) Tick.class, LOOKUP));
        assertThrows(IllegalArgumentException.class, () -> Codecs.builder().record(100, Record.class, LOOKUP));
    }

    @Test
    void whatWasBuiltStaysAsItIs() {
        Codecs.Builder builder = Codecs.builder();
        Codecs before = builder.build();
        builder.add(100, ticks());
        assertEquals(10, before.numbers().length);
        before.numbers()[0] = 77;
        before.digest()[0]++;
        assertArrayEquals(Codecs.none().numbers(), before.numbers());
        assertArrayEquals(Codecs.none().digest(), before.digest());
    }

    @Test
    void whatACodecThrowsNamesIt() {
        List<RuntimeException> thrown = List.of(
                new IllegalStateException("why"),
                new WireException("why"),
                new ClassCastException(),
                new NullPointerException());
        for (RuntimeException why : thrown) {
            Wire wire = new Wire(Codecs.builder().add(100, throwing(why)).build());
            WireException written = assertThrows(WireException.class, () -> wire.encode(new Tick(1)));
            assertSame(why, written.getCause());
            assertTrue(
                    written.getMessage().startsWith("codec 100 (" + Tick.class.getName() + ") cannot write a value: "),
                    written::getMessage);
            WireException read =
                    assertThrows(WireException.class, () -> wire.codecs.readPayload(100, wire.reading(new byte[0])));
            assertSame(why, read.getCause());
            assertTrue(
                    read.getMessage().startsWith("codec 100 (" + Tick.class.getName() + ") cannot read a value: "),
                    read::getMessage);
        }
    }

    @Test
    void errorsThatAValueMayProvokeAreOfTheCodecToo() {
        for (Error error : List.of(new AssertionError(), new StackOverflowError(), new NoClassDefFoundError())) {
            Wire wire = new Wire(Codecs.builder().add(100, throwing(error)).build());
            WireException written = assertThrows(WireException.class, () -> wire.encode(new Tick(1)));
            assertSame(error, written.getCause());
        }
        OutOfMemoryError fatal = new OutOfMemoryError();
        Wire wire = new Wire(Codecs.builder().add(100, throwing(fatal)).build());
        assertSame(fatal, assertThrows(OutOfMemoryError.class, () -> wire.encode(new Tick(1))));
    }

    private static Codec<Tick> throwing(Throwable why) {
        return new Simple<>(
                Tick.class,
                "?",
                (tick, out) -> CodecsTest.<RuntimeException>raise(why),
                in -> CodecsTest.<RuntimeException>raise(why));
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> Tick raise(Throwable why) throws T {
        throw (T) why;
    }

    @Test
    void theInnermostCodecIsNamed() {
        Wire wire = new Wire(Codecs.builder()
                .add(100, throwing(new IllegalStateException("why")))
                .record(101, Box.class, LOOKUP)
                .build());
        WireException written = assertThrows(WireException.class, () -> wire.encode(new Box(new Box(new Tick(1)))));
        assertEquals(
                "codec 100 (" + Tick.class.getName() + ") cannot write a value: java.lang.IllegalStateException: why",
                written.getMessage());
    }

    @Test
    void aFullFrameIsNoFailureOfTheCodec() {
        Wire wire = new Wire(Codecs.builder()
                .add(100, ticks())
                .record(101, Box.class, LOOKUP)
                .build());
        Object value = new Box(new Box(new Tick(1)));
        int length = wire.encode(value).length;
        for (int room = 0; room < length; room++) {
            wire.out.wrap(new byte[room], 0, room);
            WireException full = assertThrows(WireException.class, () -> wire.codecs.write(value, wire.out));
            assertTrue(full.isNoRoom());
            assertEquals(0, full.getStackTrace().length);
        }
        assertFalse(new WireException("").isNoRoom());
    }

    @Test
    void valuesWithinValuesAreAtMost16Deep() {
        Wire wire = new Wire(Codecs.builder().record(101, Box.class, LOOKUP).build());
        Object most = boxes(16);
        for (int i = 0; i < 3; i++) { // a refusal leaves nothing behind
            assertEquals(most, wire.decode(wire.encode(most)));
            WireException refused = assertThrows(WireException.class, () -> wire.codecs.write(boxes(17), wire.out));
            assertTrue(refused.getMessage().endsWith("values within values, more than 16 deep"), refused::getMessage);
            wire.out.position(0);
            wire.codecs.write(most, wire.out);
        }
        byte[] tooDeep = wire.written(out -> {
            for (int i = 0; i < 17; i++) {
                out.putShort(101);
            }
            out.putShort(Codecs.NULL);
        });
        WireReader in = wire.reading(tooDeep);
        WireException refused = assertThrows(WireException.class, () -> wire.codecs.read(in));
        assertTrue(refused.getMessage().endsWith("values within values, more than 16 deep"), refused::getMessage);
        in.position(2);
        assertEquals(most, wire.codecs.read(in));
    }

    private static Object boxes(int levels) {
        Box box = new Box(null);
        for (int i = 1; i < levels; i++) {
            box = new Box(box);
        }
        return box;
    }

    @Test
    void hashesAreTheSameOnEveryMachine() {
        Codecs codecs = Codecs.builder()
                .add(100, ticks())
                .record(101, Point.class, LOOKUP)
                .build();
        // each by: printf '%s' '<text>' | sha256sum | cut -c 1-16
        assertEquals("9d6d27197498851d", HexFormat.of().toHexDigits(codecs.shapeHash(1)));
        assertEquals("a49d1f3bc0439735", HexFormat.of().toHexDigits(codecs.shapeHash(10)));
        assertEquals("936b2679c22677cd", HexFormat.of().toHexDigits(codecs.shapeHash(100)));
        assertEquals("0590bb154aa09b54", HexFormat.of().toHexDigits(codecs.shapeHash(101)));
        assertEquals(
                "3b7ccab121325ea85476b83c0f1dbb68aa54f150d2475725819096608709735f",
                HexFormat.of().formatHex(codecs.digest()));
        assertEquals(
                "43ceb8c055a8ee80b9e9078a8e17c4f4b7f24a65cdccc2d6e5589c5972f501e6",
                HexFormat.of().formatHex(Codecs.none().digest()));
    }

    @Test
    void hashesTellNumbersAndShapesApart() {
        long hash = Codecs.builder().add(100, ticks()).build().shapeHash(100);
        assertNotEquals(hash, Codecs.builder().add(101, ticks()).build().shapeHash(101));
        assertNotEquals(hash, Codecs.builder().add(100, of(Tick.class)).build().shapeHash(100));
    }

    @Test
    void theDigestDoesNotDependOnTheOrderOfRegistration() {
        assertArrayEquals(
                Codecs.builder()
                        .add(100, ticks())
                        .record(101, Point.class, LOOKUP)
                        .build()
                        .digest(),
                Codecs.builder()
                        .record(101, Point.class, LOOKUP)
                        .add(100, ticks())
                        .build()
                        .digest());
    }
}
