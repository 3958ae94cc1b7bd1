package dev.penstock.tck;

import dev.penstock.actor.Dispatcher;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** {@code SourceRef.asPublisher()} against the rules for publishers and their subscriptions. */
abstract class PublisherVerification extends FlowPublisherVerification<Integer> {

    private static final long TIMEOUT_MILLIS = 1_000;
    private static final long SILENCE_MILLIS = 200;
    private static final long GARBAGE_MILLIS = 500;

    private Streams streams;

    PublisherVerification() {
        super(new TestEnvironment(TIMEOUT_MILLIS, SILENCE_MILLIS), GARBAGE_MILLIS);
    }

    abstract Dispatcher dispatcher();

    @BeforeClass
    public void openStreams() {
        streams = new Streams(dispatcher());
    }

    @AfterClass(alwaysRun = true)
    public void closeStreams() {
        streams.close();
    }

    @Override
    public Flow.Publisher<Integer> createFlowPublisher(long elements) {
        Streams.Ends ends = streams.open(4, 4);
        streams.feed(ends.sink(), elements);
        return ends.source().asPublisher();
    }

    @Override
    public Flow.Publisher<Integer> createFailedFlowPublisher() {
        Streams.Ends ends = streams.open(4, 4);
        ends.sink().fail(new IllegalStateException("this stream fails, as the verification asks"));
        return ends.source().asPublisher();
    }

    @Override
    public void notVerified() {
        Skips.check();
        super.notVerified();
    }

    @Override
    public void notVerified(String message) {
        Skips.check();
        super.notVerified(message);
    }
}
