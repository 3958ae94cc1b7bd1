package dev.penstock.benchmarks.peers;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.Dispatcher;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** An actor of this runtime. */
final class PenstockReceiver<E> implements Receiver<E> {

    private record Question(ActorRef<Integer> replyTo) {}

    private final ActorSystem system;
    private final Received<E> received;
    private final ActorRef<Object> actor;

    PenstockReceiver(Dispatcher dispatcher, Consumer<? super E> taker) {
        system = ActorSystem.builder("benchmark").dispatcher(dispatcher).build();
        received = new Received<>(taker);
        actor = system.spawn(receiving(), "receiver");
    }

    @SuppressWarnings("unchecked") // what is no question was told
    private Behavior<Object> receiving() {
        return Behaviors.receive((context, message) -> {
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
        return system.<Object, Integer>ask(actor, Question::new, PATIENCE);
    }

    @Override
    public void awaitReceived(int more) throws InterruptedException {
        received.await(more);
    }

    @Override
    public void close() {
        system.close();
    }
}
