package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.actor.Watcher;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.RemoteSubscriber;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The subscriber of a link that the test plays: notes what the producer says, and fetches when it is told to. */
final class PlayedLink implements RemoteSubscriber<Integer> {

    static final String SUBSCRIBED = "subscribed";

    /** What has come of the producer, in order: that it was subscribed, elements that were fetched, and messages. */
    final List<Object> said = new CopyOnWriteArrayList<>();

    /** How often it was woken. */
    final AtomicInteger wakes = new AtomicInteger();

    // Each written: the test, volatile; read: whoever calls.
    volatile Consumer<Integer> onElement = element -> {};
    volatile Predicate<ConsumerMessage<Integer>> takes = message -> true;
    volatile Runnable onSubscribed = () -> {};
    volatile Runnable onWake = () -> {};
    volatile boolean lost;

    // Each written: the producer's turn, volatile; read: the test.
    volatile Upstream<Integer> upstream;
    volatile Watcher watcher;
    volatile int watches;

    // written: whoever wakes, true, and the test that comes, false, volatile; read: the test
    private volatile boolean woken;

    @Override
    public void subscribed(Upstream<Integer> given) {
        upstream = given;
        said.add(SUBSCRIBED);
        onSubscribed.run();
    }

    @Override
    public boolean wake() {
        wakes.incrementAndGet();
        onWake.run();
        if (lost) {
            return false;
        }
        woken = true;
        return true;
    }

    /** Fetches until the producer has no more, if it was woken since; whether it was. */
    boolean fetchIfWoken() {
        if (!woken) {
            return false;
        }
        woken = false;
        while (fetch(4)) {}
        return true;
    }

    /** Fetches what there is; whether there may be more. */
    boolean fetch() {
        return fetch(Integer.MAX_VALUE);
    }

    /** Fetches what it has room for; whether there may be more. */
    boolean fetch(int room) {
        AtomicInteger left = new AtomicInteger(room);
        return upstream.fetch(element -> {
            said.add(element);
            onElement.accept(element);
            return left.decrementAndGet() > 0;
        });
    }

    @Override
    public boolean isLost() {
        return lost;
    }

    @Override
    public boolean tell(ConsumerMessage<Integer> message) {
        said.add(message);
        return takes.test(message);
    }

    @Override
    public void watchedBy(Watcher given) {
        watcher = given;
        watches++;
    }

    @Override
    public void unwatchedBy(Watcher given) {
        assertEquals(watcher, given);
        watches--;
    }

    /** The consumer that it stands for has ended, or was lost. */
    void ended() {
        watcher.ended(Optional.empty());
    }

    @Override
    public String path() {
        return "/elsewhere/consumer";
    }

    @Override
    public String toString() {
        return path();
    }
}
