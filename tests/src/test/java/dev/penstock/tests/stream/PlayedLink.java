package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.actor.Watcher;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.RemoteSubscriber;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;

/** The subscriber of a link that the test plays: notes what the producer says, and answers as it is told to. */
final class PlayedLink implements RemoteSubscriber<Integer> {

    static final String SUBSCRIBED = "subscribed";
    static final String FLUSH = "flush";

    /** What the producer has said, in order: elements, messages, and the two above. */
    final List<Object> said = new CopyOnWriteArrayList<>();

    // Each written: the test, volatile; read: the producer's turn.
    volatile Function<Integer, Throwable> accepts = element -> null;
    volatile Predicate<ConsumerMessage<Integer>> takes = message -> true;
    volatile Runnable onSubscribed = () -> {};
    volatile Runnable onFlush = () -> {};
    volatile boolean lost;

    // Each written: the producer's turn, volatile; read: the test.
    volatile Upstream<Integer> upstream;
    volatile Watcher watcher;
    volatile int watches;

    @Override
    public void subscribed(Upstream<Integer> given) {
        upstream = given;
        said.add(SUBSCRIBED);
        onSubscribed.run();
    }

    @Override
    public Throwable accept(Integer element) {
        said.add(element);
        return accepts.apply(element);
    }

    @Override
    public void flush() {
        said.add(FLUSH);
        onFlush.run();
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
