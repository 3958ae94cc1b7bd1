package dev.penstock.actor;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * The way into one actor, for any thread: a message is offered and the actor's {@link Lane} scheduled, or the message is
 * refused and becomes a dead letter.
 *
 * <p>No message is lost between the actor's last turn and the refusals. The actor closes the inbox and then empties it; a
 * teller offers, and then looks whether the inbox is closed. Whichever comes second sees the other, and sweeps. One thread
 * sweeps at a time, since the queues have one consumer.
 */
final class Inbox<M> {

    private static final VarHandle SWEEPING = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "sweeping", VarHandle.class, Inbox.class, boolean.class);

    private final ActorCell<M> owner;
    private final ActorSystem system;
    private final String path;
    private final Lane lane;
    private final Mailbox mailbox;

    // Threads that wait for room. written: they themselves; read: the running thread. Null if unbounded.
    private final Queue<Thread> roomWaiters;

    // written: once, volatile, by the running thread, or the spawning one of an actor that never had a lane;
    // read: tellers, after their offer
    private volatile boolean closed;
    // A thread empties the mailbox of an actor that has ended.
    // written: the running thread at the end, volatile, then whoever sweeps, by compare-and-set, and back by the same
    // thread, volatile; read: those who would sweep
    private volatile boolean sweeping;
    // written: the running thread, before it sets closed; read: sweepers, after they have read closed
    private Consumer<? super M> unprocessed;

    Inbox(ActorCell<M> owner, ActorSystem system, String path, Lane lane, int capacity) {
        this.owner = owner;
        this.system = system;
        this.path = path;
        this.lane = lane;
        mailbox = new Mailbox(capacity, system.clock().nanoTime());
        roomWaiters = capacity == 0 ? null : new ConcurrentLinkedQueue<>();
    }

    // ---- any thread

    Mailbox mailbox() {
        return mailbox;
    }

    boolean isClosed() {
        return closed;
    }

    /** Tells a message of the actor's own, which stands for itself. */
    boolean tell(M message) {
        return message instanceof ControlMessage ? tellControl(message) : tellData(message, message);
    }

    /** Tells a message of the actor's own; waits for room. */
    boolean tell(M message, Duration timeout) throws InterruptedException {
        return message instanceof ControlMessage ? tellControl(message) : tellData(message, message, timeout);
    }

    /** Tells in the data lane; {@code original} is what becomes a dead letter if it is refused. */
    boolean tellData(Object message, Object original) {
        if (closed) {
            return refuse(original, DeadLetter.Reason.STOPPED);
        }
        if (!mailbox.offerData(message)) {
            return refuse(original, DeadLetter.Reason.FULL);
        }
        return scheduled();
    }

    /** Tells in the data lane; waits for room. */
    boolean tellData(Object message, Object original, Duration timeout) throws InterruptedException {
        if (!mailbox.isBounded() || timeout.isNegative() || timeout.isZero()) {
            return tellData(message, original);
        }
        if (Lane.isInTurn()) {
            throw new IllegalStateException(
                    "tell with a timeout would block a dispatcher's thread in an actor's turn; use"
                            + " tell(message) there, and retry by a timer if it is refused");
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        long deadline = system.clock().nanoTime() + Clock.toNanos(timeout);
        Thread me = Thread.currentThread();
        boolean offered = false;
        roomWaiters.add(me); // before the offer: whoever makes room after it finds the waiter
        try {
            while (!closed && !(offered = mailbox.offerData(message))) {
                long left = deadline - system.clock().nanoTime();
                if (left <= 0) {
                    return refuse(original, DeadLetter.Reason.FULL);
                }
                system.parker().park(this, left);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        } finally {
            roomWaiters.remove(me);
        }
        return offered ? scheduled() : refuse(original, DeadLetter.Reason.STOPPED);
    }

    /** Tells in the control lane, which has no bound. */
    boolean tellControl(Object message) {
        if (closed && message instanceof ControlMessage) {
            return refuse(message, DeadLetter.Reason.STOPPED);
        }
        mailbox.offerControl(message);
        return scheduled();
    }

    /** Tells in the control lane what stands for another message. */
    boolean tellAdaptedControl(SystemMessage adapted, Object original) {
        if (closed) {
            return refuse(original, DeadLetter.Reason.STOPPED);
        }
        mailbox.offerControl(adapted);
        return scheduled();
    }

    boolean refuse(Object message, DeadLetter.Reason reason) {
        system.deadLetters().publish(message, path, reason);
        return false;
    }

    private boolean scheduled() {
        if (closed) { // since before the offer, or since: either way the end's own sweep may have missed it
            sweep();
        } else {
            lane.schedule();
        }
        return true;
    }

    // ---- the running thread

    /** What handles messages that nobody will process, instead of the dead letters. */
    void onUnprocessed(Consumer<? super M> handler) {
        unprocessed = handler;
    }

    /** A data message was taken: wakes those who wait for room. */
    void roomMade() {
        if (roomWaiters != null) {
            VarHandle.fullFence(); // room was made before the waiters are looked at
            wakeRoomWaiters();
        }
    }

    /** From here on tells are refused, or swept by those who tell; but not before {@link #sweepAtEnd}. */
    void close() {
        sweeping = true;
        closed = true;
    }

    /** Empties what the actor left behind, after {@link #close}; {@code deferred} are messages that it had put aside. */
    void sweepAtEnd(Iterable<?> deferred) {
        deferred.forEach(this::discard);
        empty();
        sweeping = false;
        sweep(); // what came since
        if (roomWaiters != null) {
            wakeRoomWaiters();
        }
    }

    private void wakeRoomWaiters() {
        for (Thread waiter : roomWaiters) {
            system.parker().unpark(waiter);
        }
    }

    // ---- after the end: whoever finds something

    /** For an actor that never had a lane: whoever found it by its path meanwhile and told it something is to know. */
    void abandon() {
        closed = true;
        sweep();
    }

    /**
     * Empties the mailbox of an actor that has ended. One thread at a time; one that finds another at it may go, for that
     * one looks again after it is done.
     */
    void sweep() {
        while (!mailbox.isEmpty() && SWEEPING.compareAndSet(this, false, true)) {
            try {
                empty();
            } finally {
                sweeping = false;
            }
            if (!mailbox.isEmpty()) { // an offer is half done; its thread may have found this sweep under way and gone
                Thread.yield();
            }
        }
    }

    /** By whoever set {@code sweeping}. */
    private void empty() {
        for (Object left = mailbox.pollControl(); left != null; left = mailbox.pollControl()) {
            discard(left);
        }
        for (Object left = mailbox.pollData(); left != null; left = mailbox.pollData()) {
            discard(left);
        }
    }

    /** What becomes of a message that nobody will process. */
    @SuppressWarnings("unchecked") // only M and system messages are ever offered
    void discard(Object message) {
        if (message instanceof SystemMessage.Watch watch) {
            owner.answerTooLate(watch);
        } else if (message instanceof SystemMessage.Adapted<?> adapted) {
            refuse(adapted.original(), DeadLetter.Reason.STOPPED);
        } else if (message instanceof SystemMessage) {
            return; // of no use to anyone any more
        } else if (unprocessed == null) {
            refuse(message, DeadLetter.Reason.STOPPED);
        } else {
            try {
                unprocessed.accept((M) message);
            } catch (Throwable e) {
                system.report(path + " failed in its handler of unprocessed messages", e);
            }
        }
    }
}
