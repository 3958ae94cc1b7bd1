package dev.penstock.stress;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.SpawnOptions;
import dev.penstock.actor.SupervisorStrategy;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One stream of numbers on a {@link Rig}, with a record of what was accepted, delivered and undelivered. Both actors are up,
 * the sink and the source are there; no turn is ready.
 */
public final class StreamRig {

    private static final Logger LOG = Logger.getLogger("dev.penstock");

    /** What a participant answers whom nobody will ever wake. */
    private static final String ASLEEP = "asleep for ever";

    private final Rig rig;
    private final ActorRef<ProducerMessage<Integer>> producer;
    private final ActorRef<ConsumerMessage<Integer>> consumer;
    private final SinkRef<Integer> sink;
    private final SourceRef<Integer> source;
    private final Iterator<Integer> elements;

    private final Queue<Integer> accepted = new ConcurrentLinkedQueue<>();
    private final Queue<Integer> undelivered = new ConcurrentLinkedQueue<>();
    private final List<Integer> delivered = new ArrayList<>(); // the reader, then the arbiter

    private StreamRig(
            int participants,
            int buffer,
            int window,
            boolean ownLane,
            UnaryOperator<Behavior<ConsumerMessage<Integer>>> around) {
        rig = new Rig(participants);
        producer = rig.system()
                .spawn(
                        StreamProducer.create(ProducerOptions.defaults()
                                .bufferSize(buffer)
                                .onUndelivered((Integer element, Object reason) -> undelivered.add(element))),
                        "producer");
        SpawnOptions options = SpawnOptions.defaults();
        consumer = rig.system()
                .spawn(
                        around.apply(StreamConsumer.create(
                                producer,
                                ConsumerOptions.defaults().initialDemand(window).inactivityTimeout(Duration.ZERO))),
                        "consumer",
                        ownLane ? options.dispatcher(rig.otherDispatcher()) : options);
        rig.settle();
        sink = anotherSink();
        Rig.Reply<SourceRef<Integer>> reply = new Rig.Reply<>();
        consumer.tell(new GetSource<>(reply));
        rig.settle();
        source = reply.poll();
        elements = source.iterator();
    }

    /**
     * Makes a stream whose actors share a lane.
     *
     * @param participants how many threads will say that they are done
     * @param buffer the size of a sink
     * @param window the initial demand
     */
    public static StreamRig of(int participants, int buffer, int window) {
        return new StreamRig(participants, buffer, window, false, UnaryOperator.identity());
    }

    /**
     * Makes a stream whose consumer is on the rig's other dispatcher.
     *
     * @param participants how many threads will say that they are done
     * @param buffer the size of a sink
     * @param window the initial demand
     */
    public static StreamRig apart(int participants, int buffer, int window) {
        return new StreamRig(participants, buffer, window, true, UnaryOperator.identity());
    }

    /**
     * Makes a stream whose consumer is on the rig's other dispatcher, and is restarted when it fails. That it fails is not
     * logged.
     *
     * @param participants how many threads will say that they are done
     * @param buffer the size of a sink
     * @param window the initial demand
     */
    public static StreamRig supervised(int participants, int buffer, int window) {
        LOG.setLevel(Level.OFF);
        return new StreamRig(
                participants,
                buffer,
                window,
                true,
                consumer -> Behaviors.supervise(consumer, SupervisorStrategy.restart()));
    }

    public Rig rig() {
        return rig;
    }

    public ActorRef<ProducerMessage<Integer>> producer() {
        return producer;
    }

    public ActorRef<ConsumerMessage<Integer>> consumer() {
        return consumer;
    }

    public SinkRef<Integer> sink() {
        return sink;
    }

    public SourceRef<Integer> source() {
        return source;
    }

    /** {@return one more sink; before the participants begin} */
    public SinkRef<Integer> anotherSink() {
        Rig.Reply<SinkRef<Integer>> reply = new Rig.Reply<>();
        producer.tell(new GetSink<>(reply));
        rig.settle();
        return reply.poll();
    }

    /** Fills the sink and the window up: the next put finds no room. Before the participants begin. */
    public StreamRig full() {
        int next = -1;
        do {
            rig.settle();
        } while (tryPut(sink, next--).equals("accepted"));
        return this;
    }

    // ---- what a participant does; answers in a word how it went

    /** Puts; waits for room. */
    public String put(SinkRef<Integer> into, int element) {
        try {
            into.put(element);
            accepted.add(element);
            return "accepted";
        } catch (StreamClosedException e) {
            return "closed";
        } catch (InterruptedException e) {
            return "interrupted";
        } catch (IllegalStateException e) {
            return "two writers";
        } catch (Rig.Stuck e) {
            return ASLEEP;
        }
    }

    /** Puts if there is room. */
    public String tryPut(SinkRef<Integer> into, int element) {
        PutResult result = into.tryPut(element);
        if (result == PutResult.ACCEPTED) {
            accepted.add(element);
        }
        return result.toString().toLowerCase(Locale.ROOT);
    }

    /** Puts; waits for room until an hour of virtual time is over. */
    public String tryPutInAnHour(SinkRef<Integer> into, int element) {
        try {
            PutResult result = into.tryPut(element, Duration.ofHours(1));
            if (result == PutResult.ACCEPTED) {
                accepted.add(element);
            }
            return result.toString().toLowerCase(Locale.ROOT);
        } catch (InterruptedException e) {
            return "interrupted";
        } catch (IllegalStateException e) {
            return "two writers";
        }
    }

    /** Completes the sink. */
    public String complete(SinkRef<Integer> what) {
        try {
            what.complete();
            return "completed";
        } catch (StreamClosedException e) {
            return "closed";
        }
    }

    /** Takes the next element, waiting for it. */
    public String take() {
        try {
            return find() ? takeFound() : "end";
        } catch (StreamClosedException e) {
            return "thrown";
        } catch (Rig.Stuck e) {
            return ASLEEP;
        }
    }

    /** Looks for the next element, waiting for it: if it is there, it is in the reader's hand. */
    public boolean find() {
        return elements.hasNext();
    }

    /** Takes the element that was found. */
    public String takeFound() {
        try {
            delivered.add(elements.next());
            return "taken";
        } catch (NoSuchElementException e) {
            return "gone";
        }
    }

    /** Takes an element if one is there. */
    public String poll() {
        return source.drain(delivered::add, 1) == 1 ? "taken" : "none";
    }

    /** Has the consumer fail, in its next turn. */
    public void crashConsumer() {
        consumer.tell(new GetSource<>(new ActorRef<>() {
            @Override
            public boolean tell(SourceRef<Integer> reply) {
                throw new IllegalStateException("played");
            }

            @Override
            public String path() {
                return "/nobody";
            }
        }));
    }

    // ---- afterwards: one thread

    /** Runs what is ready, then takes whatever the stream still brings, until it has ended or nothing is left. */
    public void drain() {
        rig.settle();
        try {
            while (source.drain(delivered::add, Integer.MAX_VALUE) > 0) {
                rig.settle();
            }
        } catch (StreamClosedException e) {
            // it has ended: no more comes
        }
        rig.settle();
    }

    /** {@return how many elements were delivered, so far} */
    public int deliveredCount() {
        return delivered.size();
    }

    public int undeliveredCount() {
        return undelivered.size();
    }

    /**
     * Closes the source, and answers where the elements went: "balanced", or what is wrong with them. Every accepted element
     * must have been delivered or reported undelivered, once, and the ledger must say so.
     */
    public String balance() {
        source.close();
        rig.settle();
        List<Integer> gone = new ArrayList<>(delivered);
        gone.addAll(undelivered);
        List<Integer> came = new ArrayList<>(accepted);
        for (Integer element : came) {
            if (!gone.remove(element)) {
                return "lost";
            }
        }
        if (!gone.isEmpty()) {
            return came.containsAll(gone) ? "twice" : "made up";
        }
        StreamLedger ledger = source.ledger();
        if (ledger.offered() != came.size()
                || ledger.delivered() != delivered.size()
                || ledger.undelivered() != undelivered.size()
                || ledger.buffered() != 0
                || ledger.inFlight() != 0) {
            return "wrong ledger " + ledger;
        }
        return "balanced";
    }

    /** {@return whether the elements above 0 were delivered in ascending order} */
    public boolean isInOrder() {
        int last = 0;
        for (int element : delivered) {
            if (element > 0 && element < last) {
                return false;
            }
            last = Math.max(last, element);
        }
        return true;
    }

    /** {@return the outcome that both ends report: "open", or its name, or "torn" if they differ} */
    public String outcome() {
        String here = name(sink.outcome().getNow(null));
        String there = name(source.outcome().getNow(null));
        return here.equals(there) ? here : "torn: " + here + " and " + there;
    }

    private static String name(StreamOutcome outcome) {
        return outcome == null ? "open" : outcome.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }
}
