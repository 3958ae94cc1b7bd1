package dev.penstock.testkit;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.Subscribe;
import java.time.Duration;

/**
 * The subscriber of a stream producer, played by a test: it speaks the protocol by plain messages.
 *
 * <p>It watches over the producer's side of the protocol, whatever the test expects: never more elements than were
 * requested, and nothing after the end. A breach is an {@link AssertionError}: in a {@link Simulation} of the step in
 * which it happens, on real threads of the next call of this object. It waits as a {@link MessageProbe} does. For one
 * testing thread.
 *
 * @param <E> the elements of the stream
 */
public final class StreamProbe<E> {

    private final ActorRef<ProducerMessage<E>> producer;
    private final MessageProbe<ConsumerMessage<E>> probe;

    // written: the testing thread, volatile, before it requests; read: the probe's turn
    private volatile long requested;
    // the probe's turn only
    private long arrived;
    private ConsumerMessage<E> end;

    private StreamProbe(ActorSystem system, ActorRef<ProducerMessage<E>> producer, String name, long demand) {
        this.producer = producer;
        requested = Math.max(0, demand);
        probe = MessageProbe.create(system, name, this::check);
        producer.tell(new Subscribe<>(probe.ref(), demand));
    }

    /**
     * Spawns a probe and subscribes it.
     *
     * @param <E> the elements
     * @param system where; of a simulation or not
     * @param producer the producer
     * @param name the probe's name in the system
     * @param demand what to request at once; 0 for nothing yet
     * @return the probe
     */
    public static <E> StreamProbe<E> subscribe(
            ActorSystem system, ActorRef<ProducerMessage<E>> producer, String name, long demand) {
        return new StreamProbe<>(system, producer, name, demand);
    }

    /** {@return the address of the subscriber} */
    public ActorRef<ConsumerMessage<E>> ref() {
        return probe.ref();
    }

    /**
     * Requests elements.
     *
     * @param n how many; what is not positive is told to the producer as it is, for it to refuse
     * @return this
     */
    public StreamProbe<E> request(long n) {
        if (n > 0) {
            long sum = requested + n;
            requested = sum < 0 ? Long.MAX_VALUE : sum;
        }
        producer.tell(new StreamDemand<>(n));
        return this;
    }

    /**
     * Cancels the stream. Elements that are on their way may still arrive.
     *
     * @return this
     */
    public StreamProbe<E> cancel() {
        producer.tell(new StreamCancel<>());
        return this;
    }

    /**
     * Waits for the next elements.
     *
     * @param elements what they must be equal to, in this order
     * @return this
     */
    @SafeVarargs
    public final StreamProbe<E> expectElements(E... elements) {
        for (E element : elements) {
            probe.expect(new StreamElement<>(element));
        }
        return this;
    }

    /** Waits for the stream's completion, with no element before it. */
    public void expectCompleted() {
        probe.expect(new StreamCompleted<>());
    }

    /**
     * Waits for the stream's failure, with no element before it.
     *
     * @param <T> the type of the cause
     * @param type what the cause must be an instance of
     * @return the cause
     */
    public <T extends Throwable> T expectFailed(Class<T> type) {
        Throwable cause = probe.expectType(StreamFailed.class).cause();
        if (!type.isInstance(cause)) {
            throw probe.failure("expected a failure by " + type + ", but it was " + cause);
        }
        return type.cast(cause);
    }

    /** Fails if there is a message that was not expected; waits as {@link MessageProbe#expectNothing()} does. */
    public void expectNothing() {
        probe.expectNothing();
    }

    /** Waits until the producer has stopped. */
    public void expectProducerStopped() {
        probe.expectTerminated(producer);
    }

    /**
     * Sets how long expectations wait; 5 seconds unless set.
     *
     * @param limit how long
     * @return this
     */
    public StreamProbe<E> patience(Duration limit) {
        probe.patience(limit);
        return this;
    }

    /** In the probe's turn. */
    private void check(ConsumerMessage<E> message) {
        if (end != null) {
            throw probe.failure(message + " came after the end of the stream, which was " + end);
        }
        if (message instanceof StreamElement<E>) {
            arrived++;
            if (arrived > requested) {
                throw probe.failure(arrived + " elements were sent, but only " + requested + " were requested");
            }
        } else if (message instanceof StreamCompleted<E> || message instanceof StreamFailed<E>) {
            end = message;
        }
    }
}
