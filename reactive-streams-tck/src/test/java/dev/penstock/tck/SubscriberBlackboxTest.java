package dev.penstock.tck;

import dev.penstock.actor.Dispatcher;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** {@code SinkRef.asSubscriber()} against the rules for subscribers, seen from outside. */
public final class SubscriberBlackboxTest extends FlowSubscriberBlackboxVerification<Integer> {

    private static final long TIMEOUT_MILLIS = 1_000;
    private static final long SILENCE_MILLIS = 200;

    private Streams streams;

    public SubscriberBlackboxTest() {
        super(new TestEnvironment(TIMEOUT_MILLIS, SILENCE_MILLIS));
    }

    @BeforeClass
    public void openStreams() {
        streams = new Streams(Dispatcher.pool(2));
    }

    @AfterClass(alwaysRun = true)
    public void closeStreams() {
        streams.close();
    }

    @Override
    public Flow.Subscriber<Integer> createFlowSubscriber() {
        Streams.Ends ends = streams.open(4, 4);
        streams.takeAll(ends.source());
        return ends.sink().asSubscriber();
    }

    @Override
    public void notVerified() {
        Skips.check();
        super.notVerified();
    }

    @Override
    public Integer createElement(int element) {
        return element;
    }
}
