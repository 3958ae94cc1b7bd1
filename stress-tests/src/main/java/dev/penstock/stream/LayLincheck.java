package dev.penstock.stream;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Dispatcher;
import dev.penstock.actor.RemoteRef;
import dev.penstock.actor.WaitStrategy;
import dev.penstock.actor.Watcher;
import dev.penstock.stress.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * A link's thread that lays elements, and another one that ends their stream: each element is taken or reported undelivered,
 * once, and none stays behind, whoever of the two clears up. Turns run on the thread that makes them ready.
 */
public final class LayLincheck {

    private LayLincheck() {}

    /** The link's part and the other's, each once, at the same time; the stream is made anew for each interleaving. */
    public abstract static class Operations {
        final Stream stream = new Stream();

        @Operation(nonParallelGroup = "link", runOnce = true)
        public final void link() {
            stream.lay();
            stream.lay();
        }

        @Operation(nonParallelGroup = "other", runOnce = true)
        public abstract void other();

        @Validate
        public final void eachElementWentOneWay() {
            stream.source.close();
            stream.judge();
        }
    }

    /** Neither part fails. */
    public static final class Expected {
        public void link() {}

        public void other() {}
    }

    /** The consumer is cancelled: its turn decides the end and clears up. */
    public static final class Cancel extends Operations {
        @Override
        public void other() {
            stream.consumer.tell(new StreamCancel<>());
        }
    }

    /** The reader takes an element, if one is there, and leaves. */
    public static final class TakeAndLeave extends Operations {
        @Override
        public void other() {
            stream.source.drain(stream.taken::add, 1);
            stream.source.close();
        }
    }

    /** A consumer of the numbers from 1, with a window of two. */
    private static final class Stream implements RemoteRef<ProducerMessage<Integer>>, RemoteProducer {
        final ActorRef<ConsumerMessage<Integer>> consumer;
        final SourceRef<Integer> source;
        final List<Integer> taken = new ArrayList<>(); // by the reader
        private final List<Integer> undelivered = new ArrayList<>(); // by whoever clears up; guarded by itself
        private Downstream<Integer> downstream;
        private int laid; // by the link

        Stream() {
            ActorSystem system = ActorSystem.builder("lincheck")
                    .dispatcher(Dispatcher.direct())
                    .clock(new StreamLincheck.StoppedClock())
                    .waitStrategy(WaitStrategy.parking())
                    .build();
            consumer = system.spawn(
                    StreamConsumer.create(
                            this,
                            ConsumerOptions.defaults()
                                    .initialDemand(2)
                                    .onUndelivered((Integer element, Object reason) -> {
                                        synchronized (undelivered) {
                                            undelivered.add(element);
                                        }
                                    })),
                    "consumer");
            Rig.Reply<SourceRef<Integer>> sources = new Rig.Reply<>();
            consumer.tell(new GetSource<>(sources));
            source = sources.poll();
        }

        void lay() {
            downstream.accept(++laid);
            downstream.flush();
        }

        void judge() {
            List<Integer> all = new ArrayList<>(taken);
            all.addAll(undelivered);
            all.sort(null);
            StreamLedger ledger = source.ledger();
            if (all.size() != laid
                    || laid > 0 && (all.get(0) != 1 || all.get(laid - 1) != laid)
                    || ledger.offered() != laid
                    || ledger.delivered() != taken.size()
                    || ledger.undelivered() != undelivered.size()
                    || ledger.inFlight() != 0) {
                throw new AssertionError(
                        laid + " laid, taken " + taken + ", undelivered " + undelivered + ", " + ledger);
            }
        }

        @Override
        @SuppressWarnings("unchecked") // it is one of numbers
        public <E> Optional<Subscription> subscribe(Subscribe<E> subscribe, Downstream<E> given) {
            downstream = (Downstream<Integer>) given;
            return Optional.of(new Subscription() {
                @Override
                public void request(long n) {}

                @Override
                public void cancel() {}
            });
        }

        @Override
        public boolean tell(ProducerMessage<Integer> message) {
            return true;
        }

        @Override
        public void watchedBy(Watcher watcher) {
            // its end is none of these checks'
        }

        @Override
        public void unwatchedBy(Watcher watcher) {
            // nothing was to come
        }

        @Override
        public String path() {
            return "/elsewhere";
        }
    }
}
