package dev.penstock.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntFunction;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages that race with the end of their actor: each is processed or a dead letter, exactly once. */
@ExtendWith(Logs.class)
class StopStressTest {

    private static final int TELLERS = 2;
    private static final int EACH = 40;

    private record Control(int number) implements ControlMessage {}

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.penstock.actor.RealDispatcher#all")
    void eachDataMessageIsProcessedOrADeadLetterOnce(RealDispatcher dispatcher) throws Exception {
        race(dispatcher, Integer::valueOf, false);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.penstock.actor.RealDispatcher#all")
    void eachControlMessageIsProcessedOrADeadLetterOnce(RealDispatcher dispatcher) throws Exception {
        race(dispatcher, Control::new, false);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.penstock.actor.RealDispatcher#all")
    void eachMessageIsProcessedOrUnprocessedOrADeadLetterOnce(RealDispatcher dispatcher) throws Exception {
        race(dispatcher, number -> number % 2 == 0 ? number : new Control(number), true);
    }

    private static void race(RealDispatcher dispatcher, IntFunction<Object> message, boolean handler) throws Exception {
        int rounds = dispatcher == RealDispatcher.PINNED ? 1_000 : 2_000;
        AtomicIntegerArray[] fates = new AtomicIntegerArray[rounds];
        for (int round = 0; round < rounds; round++) {
            fates[round] = new AtomicIntegerArray(TELLERS * EACH);
        }
        AtomicInteger ends = new AtomicInteger();
        CyclicBarrier begin = new CyclicBarrier(TELLERS + 1);
        CountDownLatch stopped = new CountDownLatch(rounds);
        ActorRef<?>[] actors = new ActorRef<?>[rounds];
        try (ActorSystem system = dispatcher.system()) {
            system.subscribeDeadLetters(letter -> {
                int round = Integer.parseInt(letter.recipient().substring("/test/actor-".length()));
                fates[round].incrementAndGet(number(letter.message()));
                ends.incrementAndGet();
            });
            system.subscribeLifecycle(event -> {
                if (event.kind() == LifecycleEvent.Kind.STOPPED) {
                    stopped.countDown();
                }
            });
            Await.Running<?>[] tellers = new Await.Running<?>[TELLERS];
            for (int i = 0; i < TELLERS; i++) {
                int first = i * EACH;
                tellers[i] = Await.async(() -> {
                    for (int round = 0; round < rounds; round++) {
                        Await.on(begin);
                        @SuppressWarnings("unchecked")
                        ActorRef<Object> actor = (ActorRef<Object>) actors[round];
                        for (int n = 0; n < EACH; n++) {
                            actor.tell(message.apply(first + n));
                        }
                    }
                    return null;
                });
            }
            for (int round = 0; round < rounds; round++) {
                AtomicIntegerArray mine = fates[round];
                ActorRef<Object> actor = system.spawn(
                        Behaviors.setup(outer -> {
                            if (handler) {
                                outer.onUnprocessed(left -> {
                                    mine.incrementAndGet(number(left));
                                    ends.incrementAndGet();
                                });
                            }
                            return Behaviors.receive((context, told) -> {
                                mine.incrementAndGet(number(told));
                                ends.incrementAndGet();
                                return Behaviors.same();
                            });
                        }),
                        "actor-" + round);
                actors[round] = actor;
                Await.on(begin);
                for (int pause = 0; pause < round % 64; pause++) {
                    Thread.onSpinWait();
                }
                system.stop(actor);
            }
            for (Await.Running<?> teller : tellers) {
                teller.get();
            }
            Await.on(stopped);
            Await.until(() -> ends.get() >= rounds * TELLERS * EACH, "every message has met its end");
        }
        for (int round = 0; round < rounds; round++) {
            for (int n = 0; n < TELLERS * EACH; n++) {
                int message1 = n;
                int round1 = round;
                assertEquals(1, fates[round].get(n), () -> "ends of message " + message1 + " of round " + round1);
            }
        }
    }

    private static int number(Object message) {
        return message instanceof Control control ? control.number() : (Integer) message;
    }
}
