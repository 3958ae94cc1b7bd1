package dev.penstock.benchmarks.peers;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** An actor of Pekko Typed. */
final class PekkoReceiver<E> implements Receiver<E> {

    private record Question(ActorRef<Integer> replyTo) {}

    private final ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "peer");
    private final Received<E> received;
    private final ActorRef<Object> actor;

    PekkoReceiver(DispatcherSelector dispatcher, Consumer<? super E> taker) {
        received = new Received<>(taker);
        actor = system.systemActorOf(receiving(), "receiver", dispatcher);
    }

    @SuppressWarnings("unchecked") // what is no question was told
    private Behavior<Object> receiving() {
        return Behaviors.receiveMessage(message -> {
            if (message instanceof Question question) {
                question.replyTo().tell(received.count());
            } else {
                received.receive((E) message);
            }
            return Behaviors.same();
        });
    }

    @Override
    public void tell(E message) {
        actor.tell(message);
    }

    @Override
    public CompletionStage<Integer> ask() {
        return AskPattern.<Object, Integer>ask(actor, Question::new, PATIENCE, system.scheduler());
    }

    @Override
    public void awaitReceived(int more) throws InterruptedException {
        received.await(more);
    }

    @Override
    public void close() {
        Pekko.end(system);
    }
}
