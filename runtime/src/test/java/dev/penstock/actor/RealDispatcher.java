package dev.penstock.actor;

import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The dispatchers that users have. */
enum RealDispatcher {
    POOL_OF_ONE(() -> Dispatcher.pool(1), true),
    POOL_OF_TWO(() -> Dispatcher.pool(2), true),
    PINNED(Dispatcher::pinned, true),
    DIRECT(Dispatcher::direct, false),
    EXECUTOR(() -> Dispatcher.from(Threads.SHARED), false),
    VIRTUAL_THREADS(Dispatcher::virtualThreads, true);

    private final Supplier<Dispatcher> factory;
    private final boolean ownThreads;

    RealDispatcher(Supplier<Dispatcher> factory, boolean ownThreads) {
        this.factory = factory;
        this.ownThreads = ownThreads;
    }

    Dispatcher make() {
        return factory.get();
    }

    ActorSystem system() {
        return ActorSystem.builder("test").dispatcher(make()).build();
    }

    /** All that this JDK has. */
    static Stream<RealDispatcher> all() {
        return Arrays.stream(values())
                .filter(each -> each != VIRTUAL_THREADS || Runtime.version().feature() >= 21);
    }

    /** Those that do not run an actor on the thread of the caller. */
    static Stream<RealDispatcher> withThreads() {
        return all().filter(each -> each != DIRECT);
    }

    /** Those whose threads end with the system. */
    static Stream<RealDispatcher> withOwnThreads() {
        return all().filter(each -> each.ownThreads);
    }

    /** Those on which two actors run at the same time. */
    static Stream<RealDispatcher> inParallel() {
        return withThreads().filter(each -> each != POOL_OF_ONE);
    }

    private static final class Threads {
        static final ExecutorService SHARED = Executors.newFixedThreadPool(2, task -> {
            Thread thread = new Thread(task, "test-executor");
            thread.setDaemon(true);
            return thread;
        });
    }
}
