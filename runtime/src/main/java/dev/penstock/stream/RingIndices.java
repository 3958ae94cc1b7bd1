package dev.penstock.stream;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The two indices of a ring, each on cache lines of its side, with accessors named for their access modes. What they mean, who
 * writes them and who reads them is the ring's to say.
 */
final class RingIndices extends RingPadEnd {

    private static final VarHandle TAIL = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "tail", VarHandle.class, RingTail.class, long.class);
    private static final VarHandle HEAD = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "head", VarHandle.class, RingHead.class, long.class);
    private static final VarHandle CACHED_HEAD = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "cachedHead", VarHandle.class, RingTail.class, long.class);
    private static final VarHandle HELD = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "held", VarHandle.class, RingHead.class, Object.class);

    long tailVolatile() {
        return tail;
    }

    long tailPlain() {
        return (long) TAIL.get(this);
    }

    void tailRelease(long value) {
        TAIL.setRelease(this, value);
    }

    boolean tailCompareAndSet(long expected, long value) {
        return TAIL.compareAndSet(this, expected, value);
    }

    long tailGetAndOr(long bits) {
        return (long) TAIL.getAndBitwiseOr(this, bits);
    }

    long headVolatile() {
        return head;
    }

    long headPlain() {
        return (long) HEAD.get(this);
    }

    void headRelease(long value) {
        HEAD.setRelease(this, value);
    }

    long cachedHeadAcquire() {
        return (long) CACHED_HEAD.getAcquire(this);
    }

    void cachedHeadRelease(long value) {
        CACHED_HEAD.setRelease(this, value);
    }

    Object heldPlain() {
        return held;
    }

    void heldPlain(Object element) {
        held = element;
    }

    Object heldGetAndSet(Object element) {
        return HELD.getAndSet(this, element);
    }
}

/** 128 bytes: two cache lines, for the processors that fetch them in pairs. */
@SuppressWarnings("unused")
abstract class RingPadStart {
    private long p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, pa, pb, pc, pd, pe, pf;
}

/** The writing side's lines. */
abstract class RingTail extends RingPadStart {
    volatile long tail;
    long cachedHead;
}

/** Between the sides. */
@SuppressWarnings("unused")
abstract class RingPadMiddle extends RingTail {
    private long p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, pa, pb, pc, pd, pe, pf;
}

/** The taking side's lines. */
abstract class RingHead extends RingPadMiddle {
    volatile long head;
    Object held;
}

/** After both. */
@SuppressWarnings("unused")
abstract class RingPadEnd extends RingHead {
    private long p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, pa, pb, pc, pd, pe, pf;
}
