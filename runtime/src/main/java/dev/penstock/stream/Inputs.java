package dev.penstock.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * What flows into one stream: the sinks that its producer gave out, and the elements pushed by messages. Knows whose turn
 * it is, and whether they have ended the stream.
 *
 * <p>Threads: the holder of the producer's lane, except where said otherwise.
 */
final class Inputs<E> {

    /** With several inputs, how many elements one of them may send before the next has its turn. */
    private static final int FAIR_RUN = 32;

    private final int bufferSize;
    private final StreamBooks books;
    private final BooleanSupplier empty = this::isEmpty;

    // written: the holder of the producer's lane, volatile, an immutable list; read: whoever ends the stream, makes
    // room, or asks whether a visit is worth it
    private volatile List<SinkRef<E>> sinks = List.of();

    private final List<SinkBuffer<E>> buffers = new ArrayList<>(1); // of the sinks, and of pushes
    private SinkBuffer<E> pushes; // null until the first one
    private int turn;
    private long forgotten; // accepted by inputs that are no longer listed
    private StreamOutcome end;

    Inputs(int bufferSize, StreamBooks books) {
        this.bufferSize = bufferSize;
        this.books = books;
    }

    // ---- any thread

    /** Wakes putters that sleep, if there is room; after a full fence. */
    void wakePutters() {
        List<SinkRef<E>> all = sinks;
        for (int i = 0; i < all.size(); i++) {
            all.get(i).roomMade();
        }
    }

    /** Wakes threads that sleep in a put, if there is room; after a full fence. Whether others wait, who are to be called. */
    boolean unparkPutters() {
        List<SinkRef<E>> all = sinks;
        boolean others = false;
        for (int i = 0; i < all.size(); i++) {
            others |= all.get(i).unparkPutter();
        }
        return others;
    }

    /** Whether one of the sinks holds its share of so many elements. */
    boolean hold(int run) {
        List<SinkRef<E>> all = sinks;
        int share = all.size() < 2 ? run : Math.max(1, run / all.size());
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).buffer().holds(share)) {
                return true;
            }
        }
        return false;
    }

    /** Whether there is an element, or maybe an end, to fetch. */
    boolean isWorthAVisit() {
        List<SinkRef<E>> all = sinks;
        for (int i = 0; i < all.size(); i++) {
            SinkBuffer<E> buffer = all.get(i).buffer();
            if (buffer.isClosed() || !buffer.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** Has the sinks accept nothing more. A sink that is being added may be missed. */
    void closeSinks(StreamOutcome how) {
        for (SinkRef<E> sink : sinks) {
            sink.closeInput(how);
        }
    }

    // ---- sinks and pushes

    void add(SinkRef<E> sink) {
        if (end != null) {
            sink.closeInput(end);
        }
        List<SinkRef<E>> more = new ArrayList<>(sinks);
        more.add(sink);
        sinks = List.copyOf(more);
        add(sink.buffer());
    }

    /** Forgets a sink that is closed, and gives up what it has accepted. */
    void remove(SinkRef<E> sink, Consumer<? super E> undelivered) {
        List<SinkRef<E>> fewer = new ArrayList<>(sinks);
        fewer.remove(sink);
        sinks = List.copyOf(fewer);
        abandon(sink.buffer(), undelivered);
        forget(sink.buffer());
        turn = 0;
        books.inputs(buffers, forgotten);
    }

    private void forget(SinkBuffer<E> buffer) {
        buffers.remove(buffer);
        forgotten += buffer.accepted();
    }

    PutResult push(E element) {
        if (pushes == null) {
            pushes = SinkBuffer.create(bufferSize);
            if (end != null) {
                pushes.close();
            }
            add(pushes);
        }
        return pushes.offer(element);
    }

    private void add(SinkBuffer<E> buffer) {
        buffers.add(buffer);
        books.inputs(buffers, forgotten);
    }

    // ---- elements

    int count() {
        return buffers.size();
    }

    /** The one whose turn it is; the next one's is after it. */
    SinkBuffer<E> next() {
        SinkBuffer<E> next = buffers.get(turn);
        if (++turn >= buffers.size()) {
            turn = 0;
        }
        return next;
    }

    /** How many elements the one whose turn it is may send. */
    long fairShare(long may) {
        return buffers.size() == 1 ? may : Math.min(may, FAIR_RUN);
    }

    /** Whether no element was accepted that has not been taken; one may have been accepted and be on its way. */
    boolean isEmpty() {
        for (int i = 0; i < buffers.size(); i++) {
            if (!buffers.get(i).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** {@link #isEmpty}, as an object that is made once. */
    BooleanSupplier empty() {
        return empty;
    }

    // ---- the end

    /** How the stream ends when all that was accepted is sent; null while the inputs are open. */
    StreamOutcome end() {
        return end;
    }

    /** Accepts nothing more; what was accepted stays to be sent. */
    void end(StreamOutcome how) {
        end = how;
        closeSinks(how);
        closePushes();
    }

    private void closePushes() {
        if (pushes != null) {
            pushes.close();
        }
    }

    /** How the sinks have ended the stream: one that failed is enough, completed must have all. Null if they have not. */
    StreamOutcome lookForEnd() {
        List<SinkRef<E>> all = sinks;
        if (all.isEmpty()) {
            return null;
        }
        boolean completed = true;
        boolean emptied = false;
        for (int i = 0; i < all.size(); i++) {
            StreamOutcome how = all.get(i).closing();
            if (how instanceof StreamOutcome.Failed) {
                return how;
            }
            completed &= how != null;
            emptied |= how != null && all.get(i).buffer().isEmpty();
        }
        if (!completed && emptied) {
            completed = !forgetEmptied(all);
        }
        return completed ? new StreamOutcome.Completed() : null;
    }

    /**
     * Lets go of sinks that have completed and were drained, while others go on; those may complete meanwhile.
     *
     * @return whether a sink is left
     */
    private boolean forgetEmptied(List<SinkRef<E>> all) {
        List<SinkRef<E>> kept = new ArrayList<>(all);
        for (SinkRef<E> sink : all) {
            SinkBuffer<E> buffer = sink.buffer();
            // Closed is looked at before empty: then no element comes after the look.
            if (sink.closing() instanceof StreamOutcome.Completed && buffer.isClosed() && buffer.isEmpty()) {
                kept.remove(sink);
                forget(buffer);
            }
        }
        sinks = List.copyOf(kept);
        turn = 0;
        books.inputs(buffers, forgotten);
        return !kept.isEmpty();
    }

    /** Accepts nothing more, and gives up what was accepted. */
    void abandon(StreamOutcome how, Consumer<? super E> undelivered) {
        closeSinks(how);
        closePushes();
        for (SinkBuffer<E> buffer : buffers) {
            abandon(buffer, undelivered);
        }
    }

    private void abandon(SinkBuffer<E> buffer, Consumer<? super E> undelivered) {
        while (!buffer.isEmpty()) {
            E element = buffer.poll();
            if (element != null) {
                undelivered.accept(element);
            } else {
                Thread.yield(); // accepted and about to be stored
            }
        }
    }
}
