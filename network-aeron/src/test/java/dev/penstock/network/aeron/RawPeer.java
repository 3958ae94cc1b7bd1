package dev.penstock.network.aeron;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.net.InetSocketAddress;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/** Somebody who speaks Aeron, and of Penstock's fragments what a test makes it say. */
final class RawPeer implements AutoCloseable {

    static final long ID = 4711;
    static final int SESSION = 815;

    private final MediaDriver driver;
    private final Aeron client;
    private final Subscription answers;
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[Frame.HEADER + 1_000]);

    RawPeer() {
        driver = MediaDriver.launch(new MediaDriver.Context()
                .aeronDirectoryName(AeronTransport.embedded().newDirectory().toString())
                .dirDeleteOnShutdown(true)
                .threadingMode(ThreadingMode.SHARED)
                .publicationTermBufferLength(AeronTransport.LEAST_TERM)
                .errorHandler(e -> {}));
        client = Aeron.connect(new Aeron.Context()
                .aeronDirectoryName(driver.aeronDirectoryName())
                .errorHandler(e -> {}));
        answers = client.addSubscription("aeron:udp?endpoint=127.0.0.1:0", AeronLinks.STREAM);
    }

    ExclusivePublication publication(InetSocketAddress to, String more) {
        return client.addExclusivePublication("aeron:udp?endpoint=" + AeronLinks.text(to) + more, AeronLinks.STREAM);
    }

    void awaitConnected(ExclusivePublication publication) {
        await(publication::isConnected);
    }

    void send(ExclusivePublication publication, int kind, long id, long number, int length) {
        Frame.write(buffer, 0, kind, id, number);
        offer(publication, Frame.HEADER + length);
    }

    /** What it says is not even a fragment. */
    void sendGarbage(ExclusivePublication publication, int length) {
        buffer.setMemory(0, length, (byte) 'x');
        offer(publication, length);
    }

    private void offer(ExclusivePublication publication, int length) {
        await(() -> publication.offer(buffer, 0, length) > 0);
    }

    void hello(ExclusivePublication publication) throws Exception {
        await(() -> answers.resolvedEndpoint() != null);
        Frame.writeHello(buffer, 0, ID, SESSION, AeronLinks.port(answers.resolvedEndpoint()));
        send(publication, Frame.HELLO, 0, 0, Frame.HELLO_LENGTH);
    }

    /** Waits for the answer; answers the id in it. */
    long awaitWelcome() {
        long[] told = new long[1];
        await(() -> {
            answers.poll(
                    (from, offset, length, header) -> {
                        if (Frame.kind(from, offset) == Frame.WELCOME && Frame.id(from, offset) == ID) {
                            told[0] = Frame.toldId(from, offset);
                        }
                    },
                    10);
            return told[0] != 0;
        });
        return told[0];
    }

    static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("it does not come true");
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        client.close();
        driver.close();
    }
}
