package dev.penstock.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.WaitStrategy;
import java.util.ArrayList;
import java.util.List;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.junit.jupiter.api.Test;

/** Memory or stack runs out at the least convenient moment. */
class ErrorInAPutTest {

    /** Fails once, then tells. */
    private static final class FailsOnce<M> implements ActorRef<M> {
        final List<M> told = new ArrayList<>();
        private boolean failed;

        @Override
        public boolean tell(M message) {
            if (!failed) {
                failed = true;
                throw new OutOfMemoryError("played");
            }
            return told.add(message);
        }

        @Override
        public String path() {
            return "/fails-once";
        }
    }

    @Test
    void aCallThatFailedDoesNotSwallowTheNext() {
        FailsOnce<String> actor = new FailsOnce<>();
        Call<String> call = new Call<>(actor, "look");

        assertThrows(OutOfMemoryError.class, call::make);
        call.make();
        call.make();

        assertEquals(List.of("look"), actor.told);
    }

    @Test
    void aBellWhoseRingingFailedIsRungByTheNextPut() {
        FailsOnce<ProducerMessage<Integer>> producer = new FailsOnce<>();
        Doorbell<Integer> bell = new Doorbell<>(producer);
        assertTrue(bell.arm(() -> true));

        assertThrows(OutOfMemoryError.class, bell::afterPut);
        bell.afterPut();

        assertEquals(List.of(new InputReady<Integer>()), producer.told);
    }

    @Test
    void aBellThatWasSetAnewWhileARingingFailedIsLeftAlone() {
        List<Object> told = new ArrayList<>();
        Doorbell<Integer>[] bell = newBell();
        bell[0] = new Doorbell<>(new ActorRef<>() {
            @Override
            public boolean tell(ProducerMessage<Integer> message) {
                if (told.isEmpty()) {
                    told.add("armed");
                    bell[0].arm(() -> true);
                    throw new OutOfMemoryError("played");
                }
                return told.add(message);
            }

            @Override
            public String path() {
                return "/producer";
            }
        });
        bell[0].ringWhenFull();

        assertThrows(OutOfMemoryError.class, bell[0]::whenFull);
        bell[0].afterPut();

        assertEquals(List.of("armed", new InputReady<Integer>()), told);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Doorbell<Integer>[] newBell() {
        return new Doorbell[1];
    }

    @Test
    void anEndThatCouldNotBeToldIsToldByClose() {
        FailsOnce<ProducerMessage<Integer>> producer = new FailsOnce<>();
        SinkRef<Integer> sink = new SinkRef<>(
                SinkBuffer.create(1),
                new Doorbell<>(producer),
                new StreamEnd(),
                StreamBooks.ofProducer(null),
                producer,
                null,
                WaitStrategy.parking());

        assertThrows(OutOfMemoryError.class, sink::complete);
        sink.close();

        assertEquals(new StreamOutcome.Completed(), sink.closing());
        assertEquals(List.of(new InputReady<Integer>()), producer.told);
    }

    /** Takes no negative number. */
    private static SinkBuffer<Integer> outOfMemoryBelowZero() {
        return SinkBuffer.unbounded(new MpscUnboundedVarHandleArrayQueue<>(2) {
            @Override
            public boolean offer(Integer element) {
                if (element < 0) {
                    throw new OutOfMemoryError("played");
                }
                return super.offer(element);
            }
        });
    }

    @Test
    void twoPuttersThatFindNoMemoryAtOnceHaveNotAccepted() throws InterruptedException {
        SinkBuffer<Integer> buffer = outOfMemoryBelowZero();
        Runnable putter = () -> {
            for (int i = 0; i < 20_000; i++) {
                assertThrows(OutOfMemoryError.class, () -> buffer.offer(-1));
            }
        };
        Thread other = new Thread(putter, "other");
        other.start();
        putter.run();
        other.join();

        assertEquals(0, buffer.accepted());
        assertTrue(buffer.isEmpty());
    }

    @Test
    void anUnboundedSinkThatFindsNoMemoryHasNotAccepted() {
        SinkBuffer<Integer> buffer = outOfMemoryBelowZero();

        assertEquals(PutResult.ACCEPTED, buffer.offer(1));
        assertThrows(OutOfMemoryError.class, () -> buffer.offer(-1));
        assertEquals(PutResult.ACCEPTED, buffer.offer(2));

        assertEquals(2, buffer.accepted());
        assertEquals(List.of(1, 2), takeAll(buffer));
        assertTrue(buffer.isEmpty());
    }

    @Test
    void whereverTheStackEndsARingHasNoHole() throws InterruptedException {
        SinkBuffer<Integer> buffer = SinkBuffer.create(1 << 20);
        int[] accepted = new int[1];
        Thread diver = new Thread(
                null,
                () -> {
                    for (int dive = 0; dive < 50; dive++) {
                        dive(buffer, accepted);
                    }
                },
                "diver",
                256 * 1024);
        diver.start();
        diver.join();

        assertTrue(accepted[0] > 0);
        assertEquals(buffer.accepted(), takeAll(buffer).size());
    }

    /** Goes down until the stack ends; on the way up, at each depth, puts. */
    private static void dive(SinkBuffer<Integer> buffer, int[] accepted) {
        try {
            dive(buffer, accepted);
        } catch (StackOverflowError bottom) {
            // and up again
        }
        if (buffer.offer(accepted[0]) == PutResult.ACCEPTED) {
            accepted[0]++;
        }
    }

    private static List<Integer> takeAll(SinkBuffer<Integer> buffer) {
        List<Integer> all = new ArrayList<>();
        for (Integer next = buffer.poll(); next != null; next = buffer.poll()) {
            all.add(next);
        }
        return all;
    }
}
