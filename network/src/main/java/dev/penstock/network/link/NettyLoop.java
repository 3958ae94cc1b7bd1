package dev.penstock.network.link;

import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An event loop of Netty, alone, without a group: a group tells of its end on a thread of Netty's that outlives it by a
 * second.
 */
final class NettyLoop extends SingleThreadIoEventLoop implements Loop {

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** The least that Netty takes: by default the tasks of one round may keep the sockets waiting for a second. */
    private static final long TASKS_OF_A_ROUND_MILLIS = 1;

    private final Thread thread;

    private long round; // the loop only

    NettyLoop() {
        this(new OneThread("penstock-net-" + NUMBER.incrementAndGet()));
    }

    private NettyLoop(OneThread starter) {
        super(
                null,
                starter,
                NioIoHandler.newFactory(),
                Integer.MAX_VALUE,
                RejectedExecutionHandlers.reject(),
                TASKS_OF_A_ROUND_MILLIS);
        thread = starter.thread;
    }

    /** How often the sockets have been looked at. On the loop. */
    long round() {
        return round;
    }

    @Override
    protected int runIo() {
        round++;
        return super.runIo();
    }

    @Override
    public boolean inLoop() {
        return inEventLoop();
    }

    @Override
    public Timer schedule(long nanos, Runnable task) {
        Future<?> future = schedule(() -> runTimed(task), nanos, TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    /** Netty logs what a task throws, but keeps to itself what a timed one does. */
    private static void runTimed(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.ERROR, "a timed task of the network's loop failed", e);
        }
    }

    /** Ends the loop and returns when its thread has ended. Not from the loop. */
    void end() {
        shutdownGracefully(0, 1, TimeUnit.SECONDS); // if it has not begun, it begins to end
        Threads.join(thread);
    }

    /** Starts the thread at the first task; it is known from the beginning, so that its end can be waited for. */
    private static final class OneThread implements Executor {
        private final Thread thread;
        private Runnable events; // written once before the thread starts, read by it

        OneThread(String name) {
            thread = new FastThreadLocalThread(() -> events.run(), name);
            thread.setDaemon(true);
        }

        @Override
        public void execute(Runnable run) {
            events = run;
            thread.start();
        }
    }
}
