package dev.penstock.network.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.UndeclaredThrowableException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecordCodecTest {

    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    private enum Level {
        LOW,
        MIDDLE {
            @Override
            boolean between() {
                return true;
            }
        },
        HIGH;

        boolean between() {
            return false;
        }
    }

    private record Primitives(boolean flag, byte b, short s, char c, int i, long l, float f, double d) {}

    private record Objects(
            String text, byte[] bytes, Level level, ActorRef<String> ref, Point at, Shape shape, Object any) {}

    private record Point(int x, int y) {}

    private sealed interface Shape permits Circle, Square {}

    private record Circle(Point center, double radius) implements Shape {}

    private record Square(Point corner, double side) implements Shape {}

    private record Nothing() {}

    private record Pair<A, B extends Comparable<B>>(A first, B second) {}

    private record Positive(int value) {
        Positive {
            if (value <= 0) {
                throw new IllegalArgumentException(value + " is not positive");
            }
        }
    }

    private record Holder(Positive value) {}

    private static final Codecs CODECS = Codecs.builder()
            .record(101, Objects.class, LOOKUP) // before those within it
            .record(102, Primitives.class, LOOKUP)
            .record(103, Point.class, LOOKUP)
            .record(104, Circle.class, LOOKUP)
            .record(105, Square.class, LOOKUP)
            .record(106, Nothing.class, LOOKUP)
            .record(107, Pair.class, LOOKUP)
            .record(108, Positive.class, LOOKUP)
            .record(109, Holder.class, LOOKUP)
            .build();

    private final Wire wire = new Wire(CODECS);

    @Test
    void primitivesGoThereAndBack() {
        check(new Primitives(true, (byte) -1, (short) -1, '\uffff', -1, -1, -1, -1));
        check(new Primitives(
                false,
                Byte.MIN_VALUE,
                Short.MIN_VALUE,
                Character.MIN_VALUE,
                Integer.MIN_VALUE,
                Long.MIN_VALUE,
                Float.NaN,
                Double.NEGATIVE_INFINITY));
        Random random = new Random(3);
        for (int i = 0; i < 1000; i++) {
            long bits = random.nextLong();
            check(new Primitives(
                    bits > 0,
                    (byte) bits,
                    (short) bits,
                    (char) bits,
                    (int) bits,
                    bits,
                    Float.intBitsToFloat((int) bits),
                    Double.longBitsToDouble(bits)));
        }
    }

    @Test
    void primitivesAreWrittenAsTheyAre() {
        assertArrayEquals(
                HexFormat.of()
                        .parseHex("0066" + "01" + "02" + "0003" + "0061" + "00000004" + "0000000000000005" + "3f800000"
                                + "4000000000000000"),
                wire.encode(new Primitives(true, (byte) 2, (short) 3, 'a', 4, 5, 1, 2)));
    }

    @Test
    void everyOtherComponentMayBeNull() {
        Objects nulls = new Objects(null, null, null, null, null, null, null);
        check(nulls);
        assertArrayEquals(
                HexFormat.of().parseHex("0065" + "ffff" + "ffffffff" + "ffff" + "ffff" + "00" + "0000" + "0000"),
                wire.encode(nulls));
    }

    @Test
    void objectsGoThereAndBack() {
        Random random = new Random(4);
        for (int i = 0; i < 1000; i++) {
            check(objects(random));
        }
    }

    private static Objects objects(Random random) {
        Point point = new Point(random.nextInt(), random.nextInt());
        Level[] levels = Level.values();
        Object[] any = {point, "text", 5L, 'c', random.nextDouble(), new Nothing(), new Circle(null, 2), null};
        byte[] bytes = new byte[random.nextInt(20)];
        random.nextBytes(bytes);
        return new Objects(
                WireReaderTest.text(random),
                bytes,
                levels[random.nextInt(levels.length)],
                new Ref("/system/actor" + random.nextInt()),
                point,
                random.nextBoolean() ? new Circle(point, 1) : new Square(point, random.nextDouble()),
                any[random.nextInt(any.length)]);
    }

    private record Ref(String path) implements ActorRef<String> {
        @Override
        public boolean tell(String message) {
            throw new AssertionError("nothing is told to it");
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof ActorRef<?> ref && ref.path().equals(path);
        }

        @Override
        public int hashCode() {
            return path.hashCode();
        }
    }

    @Test
    void recordsWithoutComponentsAndGenericOnesGoThereAndBack() {
        assertEquals(2, wire.encode(new Nothing()).length);
        check(new Nothing());
        check(new Pair<>(new Point(1, 2), "b"));
        check(new Pair<>(new Pair<>(null, 5), 'c'));
    }

    private void check(Object value) {
        byte[] encoded = wire.encode(value);
        Object back = wire.decode(encoded);
        assertEquals(value.getClass(), back.getClass());
        assertArrayEquals(encoded, wire.encode(back));
        if (value instanceof Objects wanted) {
            Objects found = (Objects) back;
            assertArrayEquals(wanted.bytes, found.bytes);
            assertEquals(wanted.ref, found.ref);
            assertEquals(
                    Arrays.asList(wanted.text, wanted.level, wanted.at, wanted.shape, wanted.any),
                    Arrays.asList(found.text, found.level, found.at, found.shape, found.any));
        } else {
            assertEquals(value, back);
        }
    }

    @Test
    void aValueOfAnInterfaceMustBeRegistered() {
        WireException refused = assertThrows(WireException.class, () -> wire.encode(new Pair<>(Instant.EPOCH, "b")));
        assertEquals(
                "codec 107 (" + Pair.class.getName()
                        + ") cannot write a value: no codec is registered for java.time.Instant",
                refused.getMessage());
    }

    @Test
    void aValueThatIsNotOfTheInterfaceIsRefused() {
        byte[] encoded = wire.encode(new Objects(null, null, null, null, null, new Circle(null, 1), null));
        encoded[encoded.length - 12] = 102; // instead of 104
        WireException refused = assertThrows(WireException.class, () -> wire.decode(encoded));
        assertTrue(
                refused.getMessage()
                        .endsWith("codec 102 (" + Primitives.class.getName() + ") is read where "
                                + Shape.class.getName() + " must be"),
                refused::getMessage);
    }

    @Test
    void constantsThatTheEnumDoesNotHaveAreRefused() {
        for (int ordinal : new int[] {-2, 3, Short.MAX_VALUE, Short.MIN_VALUE}) {
            byte[] encoded = wire.written(out -> {
                out.putShort(101);
                out.putString(null);
                out.putBytes(null);
                out.putShort(ordinal);
            });
            WireException refused = assertThrows(WireException.class, () -> wire.decode(encoded));
            assertTrue(
                    refused.getMessage().endsWith(ordinal + " is none of the 3 constants of an enum"),
                    refused::getMessage);
        }
    }

    @Test
    void whatAConstructorThrowsIsTheCause() {
        byte[] encoded = wire.encode(new Positive(1));
        encoded[encoded.length - 1] = 0;
        WireException refused = assertThrows(WireException.class, () -> wire.decode(encoded));
        assertEquals(IllegalArgumentException.class, refused.getCause().getClass());
        assertEquals(
                "codec 108 (" + Positive.class.getName()
                        + ") cannot read a value: java.lang.IllegalArgumentException: 0 is not positive",
                refused.getMessage());

        byte[] within = wire.encode(new Holder(new Positive(1)));
        within[within.length - 1] = 0;
        refused = assertThrows(WireException.class, () -> wire.decode(within));
        assertEquals("0 is not positive", refused.getCause().getMessage());
    }

    private record Sneaky(boolean loud) {
        Sneaky {
            if (loud) {
                Sneaky.<RuntimeException>raise(new IOException("undeclared"));
            }
        }

        @SuppressWarnings("unchecked")
        private static <T extends Throwable> void raise(Throwable why) throws T {
            throw (T) why;
        }
    }

    @Test
    void exceptionsThatAreNotDeclaredAreNoSurprise() {
        Wire sneaky =
                new Wire(Codecs.builder().record(100, Sneaky.class, LOOKUP).build());
        WireException refused = assertThrows(WireException.class, () -> sneaky.decode(new byte[] {0, 100, 1}));
        assertEquals(UndeclaredThrowableException.class, refused.getCause().getClass());
        assertEquals("undeclared", refused.getCause().getCause().getMessage());
    }

    private record Closed(int value) {
        @Override
        public int value() {
            throw new UncheckedIOException(new IOException("closed"));
        }
    }

    @Test
    void whatAnAccessorThrowsIsTheCause() {
        Wire closed =
                new Wire(Codecs.builder().record(100, Closed.class, LOOKUP).build());
        WireException refused = assertThrows(WireException.class, () -> closed.encode(new Closed(1)));
        assertSame(UncheckedIOException.class, refused.getCause().getClass());
    }

    private record Order(First first, Second second) {}

    private record First(byte value) {}

    private record Second(byte value) {}

    @Test
    void componentsAreReadInTheirOrder() {
        Wire order = new Wire(Codecs.builder()
                .record(100, Order.class, LOOKUP)
                .record(101, First.class, LOOKUP)
                .record(102, Second.class, LOOKUP)
                .build());
        assertArrayEquals(
                new byte[] {0, 100, 1, 7, 1, 8}, order.encode(new Order(new First((byte) 7), new Second((byte) 8))));
        assertEquals(
                new Order(new First((byte) 1), new Second((byte) 0)), order.decode(new byte[] {0, 100, 1, 1, 1, 0}));
    }

    private record WithInstant(int fine, Instant when) {}

    private record WithInteger(Integer boxed) {}

    private record WithArray(long[] array) {}

    private record WithList(List<String> list) {}

    private record WithPoint(Point point) {}

    private record WithNumber(Number number) {}

    private record WithShape(Shape shape) {}

    private record WithRecord(Record any) {}

    @Test
    void refusesOtherComponents() {
        String allowed = "may be a primitive, a String, a byte[], an enum, an ActorRef, a registered record, "
                + "or an interface or Object that stands for registered types";
        refusedComponent(WithInstant.class, "when of type java.time.Instant " + allowed);
        refusedComponent(WithInteger.class, "boxed of type java.lang.Integer " + allowed);
        refusedComponent(WithArray.class, "array of type long[] " + allowed);
        refusedComponent(WithNumber.class, "number of type java.lang.Number " + allowed);
        refusedComponent(WithRecord.class, "any of type java.lang.Record " + allowed);
        refusedComponent(WithList.class, "list of type java.util.List stands for no registered type");
        refusedComponent(WithShape.class, "shape of type " + Shape.class.getName() + " stands for no registered type");
        refusedComponent(
                WithPoint.class, "point of type " + Point.class.getName() + " is a record that is not registered");
    }

    private static <R extends Record> void refusedComponent(Class<R> type, String why) {
        refused(Codecs.builder().record(100, type, LOOKUP), "component " + type.getName() + "." + why);
    }

    private static void refused(Codecs.Builder builder, String message) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, builder::build);
        assertEquals(message, refused.getMessage());
    }

    private record Self(int value, Self next) {}

    private record Hen(Egg egg) {}

    private record Egg(Hen hen) {}

    private interface Link {}

    private record Chain(int value, Link next) implements Link {}

    @Test
    void refusesRecordsWithinThemselves() {
        refused(
                Codecs.builder().record(100, Self.class, LOOKUP),
                "component " + Self.class.getName() + ".next of type " + Self.class.getName()
                        + " is a record within itself (Self > Self); an interface may stand for it");
        refused(
                Codecs.builder().record(100, Hen.class, LOOKUP).record(101, Egg.class, LOOKUP),
                "component " + Egg.class.getName() + ".hen of type " + Hen.class.getName()
                        + " is a record within itself (Hen > Egg > Hen); an interface may stand for it");
    }

    @Test
    void anInterfaceMayStandForTheRecordItself() {
        Wire chains = new Wire(Codecs.builder().record(100, Chain.class, LOOKUP).build());
        Chain chain = new Chain(1, new Chain(2, new Chain(3, null)));
        assertEquals(chain, chains.decode(chains.encode(chain)));
    }

    private record Level1(Level2 next) {}

    private record Level2(Level3 next) {}

    private record Level3(Level4 next) {}

    private record Level4(Level5 next) {}

    private record Level5(Level6 next) {}

    private record Level6(Level7 next) {}

    private record Level7(Level8 next) {}

    private record Level8(Level9 next) {}

    private record Level9(Level10 next) {}

    private record Level10(Level11 next) {}

    private record Level11(Level12 next) {}

    private record Level12(Level13 next) {}

    private record Level13(Level14 next) {}

    private record Level14(Level15 next) {}

    private record Level15(Level16 next) {}

    private record Level16(Level17 next) {}

    private record Level17() {}

    @Test
    void recordsAreNestedAtMost16Deep() {
        Codecs.Builder most = Codecs.builder();
        List<Class<? extends Record>> levels = List.of(
                Level17.class,
                Level16.class,
                Level15.class,
                Level14.class,
                Level13.class,
                Level12.class,
                Level11.class,
                Level10.class,
                Level9.class,
                Level8.class,
                Level7.class,
                Level6.class,
                Level5.class,
                Level4.class,
                Level3.class,
                Level2.class,
                Level1.class);
        for (int i = 0; i < 16; i++) {
            most.record(100 + i, levels.get(i), LOOKUP);
        }
        Wire deep = new Wire(most.build());
        Object value = new Level2(new Level3(new Level4(new Level5(new Level6(new Level7(new Level8(new Level9(
                new Level10(new Level11(
                        new Level12(new Level13(new Level14(new Level15(new Level16(new Level17())))))))))))))));
        assertEquals(value, deep.decode(deep.encode(value)));

        refused(
                most.record(116, Level1.class, LOOKUP),
                "component " + Level1.class.getName() + ".next of type " + Level2.class.getName()
                        + " nests records more than 16 deep");
        Codecs.Builder outermostFirst = Codecs.builder();
        for (int i = 0; i < 17; i++) {
            outermostFirst.record(100 + i, levels.get(16 - i), LOOKUP);
        }
        refused(
                outermostFirst,
                "component " + Level16.class.getName() + ".next of type " + Level17.class.getName()
                        + " nests records more than 16 deep");
    }

    @Test
    void refusesRecordsThatTheLookupDoesNotReach() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                Codecs.builder().record(100, Point.class, MethodHandles.publicLookup())::build);
        assertTrue(
                refused.getMessage()
                        .endsWith(" does not reach " + Point.class.getName()
                                + "; pass MethodHandles.lookup() of a class that does"),
                refused::getMessage);
        assertEquals(IllegalAccessException.class, refused.getCause().getClass());
    }

    @Test
    void hashesAreTheSameOnEveryMachine() {
        // each by: printf '%s' '<text>' | sha256sum | cut -c 1-16
        assertEquals("4af93484b552935d", hash(102));
        assertEquals("6af16c5ac6b4dd90", hash(103));
        assertEquals("db2f2f4543b36a7a", hash(104));
        assertEquals("f1137a6886fb708d", hash(106));
        assertEquals("309056b34ac6c5c2", hash(107));
        assertEquals("8235b1fccc7da1ba", hash(101));
    }

    private String hash(int number) {
        return HexFormat.of().toHexDigits(wire.codecs.shapeHash(number));
    }

    /** Other records of the same names, as another version of the program has them. */
    private static final class Other {
        private record Point(int x, int y, int z) {}

        private record Circle(Point center, double radius) implements Link {}

        private enum Level {
            LOW,
            HIGH,
            MIDDLE
        }

        private record Graded(Level level) {}
    }

    private record Graded(Level level) {}

    @Test
    void hashesTellWhatIsWithinApart() {
        Codecs other = Codecs.builder()
                .record(103, Other.Point.class, LOOKUP)
                .record(104, Other.Circle.class, LOOKUP)
                .build();
        assertNotEquals(wire.codecs.shapeHash(103), other.shapeHash(103));
        assertNotEquals(wire.codecs.shapeHash(104), other.shapeHash(104));
        assertNotEquals(
                Codecs.builder().record(100, Graded.class, LOOKUP).build().shapeHash(100),
                Codecs.builder().record(100, Other.Graded.class, LOOKUP).build().shapeHash(100));
    }

    private static final class PointCodec implements Codec<Point> {
        @Override
        public Class<Point> type() {
            return Point.class;
        }

        @Override
        public String shape() {
            return "Point(int x,int y)";
        }

        @Override
        public void write(Point point, WireWriter out) {
            out.putInt(point.x);
            out.putInt(point.y);
        }

        @Override
        public Point read(WireReader in) {
            return new Point(in.getInt(), in.getInt());
        }
    }

    @Test
    void aCodecMayStandInForThatOfARecord() {
        Wire byHand = new Wire(Codecs.builder()
                .add(103, new PointCodec())
                .record(104, Circle.class, LOOKUP)
                .build());
        Circle circle = new Circle(new Point(1, 2), 3);
        assertEquals(wire.codecs.shapeHash(103), byHand.codecs.shapeHash(103));
        assertEquals(wire.codecs.shapeHash(104), byHand.codecs.shapeHash(104));
        assertEquals(circle, wire.decode(byHand.encode(circle)));
        assertEquals(circle, byHand.decode(wire.encode(circle)));
    }
}
