package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Behaviors;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamFailed;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A subscriber of the test's own: an actor that notes what a producer sends it. */
final class Probe<E> {

    private final ActorRef<ConsumerMessage<E>> ref;
    private final Rig rig;
    private final Queue<ConsumerMessage<E>> received = new ConcurrentLinkedQueue<>();

    Probe(Rig rig, String name) {
        this.rig = rig;
        ref = rig.system()
                .spawn(
                        Behaviors.<ConsumerMessage<E>>receive((context, message) -> {
                            received.add(message);
                            return Behaviors.same();
                        }),
                        name);
    }

    ActorRef<ConsumerMessage<E>> ref() {
        return ref;
    }

    List<ConsumerMessage<E>> received() {
        return List.copyOf(received);
    }

    List<E> elements() {
        List<E> elements = new ArrayList<>();
        for (ConsumerMessage<E> message : received) {
            if (message instanceof StreamElement<E> element) {
                elements.add(element.element());
            }
        }
        return elements;
    }

    /** Waits for so many messages and asserts that these elements are all of them. */
    void awaitElements(List<E> elements) {
        Awaiting.that(elements + " received, not " + received, () -> received.size() >= elements.size());
        assertEquals(elements, elements());
        assertEquals(elements.size(), received.size(), received::toString);
    }

    void awaitCompleted() {
        Awaiting.that("completion among " + received, () -> received.contains(new StreamCompleted<E>()));
    }

    /** Waits for a failure and answers its cause. */
    Throwable awaitFailure() {
        Awaiting.that("a failure among " + received, () -> failure() != null);
        return failure();
    }

    /** Waits until it has acted on everything it was told so far. */
    void awaitMailboxEmpty() {
        Throwable marker = new Throwable("marker");
        StreamFailed<E> last = new StreamFailed<>(marker);
        ref.tell(last);
        Awaiting.that("the marker among " + received, () -> received.contains(last));
        received.remove(last);
    }

    private Throwable failure() {
        for (ConsumerMessage<E> message : received) {
            if (message instanceof StreamFailed<E> failed) {
                return failed.cause();
            }
        }
        return null;
    }
}
