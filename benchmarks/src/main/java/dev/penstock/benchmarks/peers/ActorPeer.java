package dev.penstock.benchmarks.peers;

import dev.penstock.actor.Dispatcher;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.DispatcherSelector;

/** Actor runtimes whose bare {@code tell} and {@code ask} are measured. */
public enum ActorPeer {
    PENSTOCK_POOL {
        @Override
        public <E> Receiver<E> open(Consumer<? super E> taker) {
            return new PenstockReceiver<>(Dispatcher.pool(Runtime.getRuntime().availableProcessors()), taker);
        }
    },
    PENSTOCK_PINNED {
        @Override
        public <E> Receiver<E> open(Consumer<? super E> taker) {
            return new PenstockReceiver<>(Dispatcher.pinned(), taker);
        }
    },
    /** The actor's turn runs within {@code tell}. */
    PENSTOCK_DIRECT {
        @Override
        public <E> Receiver<E> open(Consumer<? super E> taker) {
            return new PenstockReceiver<>(Dispatcher.direct(), taker);
        }
    },
    /** JDK 21 or newer. */
    PENSTOCK_VIRTUAL {
        @Override
        public <E> Receiver<E> open(Consumer<? super E> taker) {
            return new PenstockReceiver<>(Dispatcher.virtualThreads(), taker);
        }
    },
    /** Pekko Typed on its default dispatcher. */
    PEKKO {
        @Override
        public <E> Receiver<E> open(Consumer<? super E> taker) {
            return new PekkoReceiver<>(DispatcherSelector.defaultDispatcher(), taker);
        }
    },
    PEKKO_ONE_WORKER {
        @Override
        public <E> Receiver<E> open(Consumer<? super E> taker) {
            return new PekkoReceiver<>(DispatcherSelector.fromConfig(Pekko.ONE_WORKER), taker);
        }
    };

    /** Whether this JDK has what the peer needs. */
    public boolean isAvailable() {
        return this != PENSTOCK_VIRTUAL || Threads.haveVirtual();
    }

    /**
     * Starts an actor in a system of its own.
     *
     * @param taker gets every message, in order
     */
    public abstract <E> Receiver<E> open(Consumer<? super E> taker);
}
