package dev.penstock.network.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** A handler that sends numbered bytes, as many as it is allowed, in fills of all sizes, and checks those that come. */
public class Talker implements LinkHandler {

    public final CompletableFuture<Link> connected = new CompletableFuture<>();
    public final CompletableFuture<Throwable> closed = new CompletableFuture<>(); // with null if this side closed it

    /** How many bytes may be sent; whoever changes it wakes the writer. */
    public final AtomicLong allowed = new AtomicLong();

    // written: the loop, volatile; read: any
    public volatile long sent;
    public volatile long received;
    public volatile Throwable failure;

    private final Random random = new Random(42);

    @Override
    public void connected(Link link) {
        check(() -> assertTrue(connected.complete(link), "connected twice"));
        link.established();
        link.wakeWriter();
    }

    @Override
    public void received(byte[] bytes, int from, int to) {
        check(() -> {
            assertTrue(connected.isDone() && !closed.isDone(), "received while not connected");
            assertTrue(to > from, "received nothing");
            long at = received;
            for (int i = from; i < to; i++) {
                if (bytes[i] != number(at++)) {
                    throw new AssertionError("byte " + (at - 1) + " is wrong");
                }
            }
            received = at;
        });
    }

    @Override
    public int fill(byte[] bytes) {
        check(() -> assertTrue(connected.isDone() && !closed.isDone(), "asked while not connected"));
        int most = random.nextInt(3) == 0 ? bytes.length : 1 + random.nextInt(100);
        int length = (int) Math.min(most, allowed.get() - sent);
        long at = sent;
        for (int i = 0; i < length; i++) {
            bytes[i] = number(at++);
        }
        sent = at;
        return length;
    }

    @Override
    public void closed(Throwable cause) {
        check(() -> assertTrue(closed.complete(cause), "closed twice"));
    }

    /** Allows more bytes and wakes the writer. */
    public Talker send(long more) {
        allowed.addAndGet(more);
        link().wakeWriter();
        return this;
    }

    /** Waits for the connection. */
    public Link link() {
        return await(connected);
    }

    /** Unlike {@code join}, it ends when the test takes too long. */
    private static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    public void awaitReceived(long count) {
        await(() -> received >= count || closed.isDone());
        assertEquals(count, received);
    }

    /** Waits until something is true of this talker; ends when the test takes too long. */
    public void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean() && failure == null) {
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("sent " + sent + ", received " + received + ", closed " + closed.isDone());
            }
            Thread.yield();
        }
        assertSound();
    }

    /** The link was ended by this side. */
    public void assertClosedByThisSide() {
        Throwable cause = await(closed);
        assertNull(cause, () -> "closed with " + cause);
        assertSound();
    }

    /** The link was ended by something else; answers what. */
    public Throwable assertLost() {
        Throwable cause = await(closed);
        assertNotNull(cause, "closed without a cause");
        assertSound();
        return cause;
    }

    public void assertSound() {
        if (failure != null) {
            throw new AssertionError("the contract is broken", failure);
        }
    }

    private void check(Runnable assertion) {
        try {
            assertion.run();
        } catch (Throwable e) {
            failure = e;
        }
    }

    private static byte number(long at) {
        return (byte) (at ^ at >> 8 ^ at >> 16);
    }
}
