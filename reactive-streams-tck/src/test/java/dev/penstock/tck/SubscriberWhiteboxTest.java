package dev.penstock.tck;

import dev.penstock.actor.Dispatcher;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.SubscriberWhiteboxVerification.SubscriberPuppet;
import org.reactivestreams.tck.SubscriberWhiteboxVerification.WhiteboxSubscriberProbe;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowSubscriberWhiteboxVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** {@code SinkRef.asSubscriber()} against the rules for subscribers, with a probe at its door. */
public final class SubscriberWhiteboxTest extends FlowSubscriberWhiteboxVerification<Integer> {

    private static final long TIMEOUT_MILLIS = 1_000;
    private static final long SILENCE_MILLIS = 200;

    private Streams streams;

    public SubscriberWhiteboxTest() {
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
    protected Flow.Subscriber<Integer> createFlowSubscriber(WhiteboxSubscriberProbe<Integer> probe) {
        Streams.Ends ends = streams.open(4, 4);
        streams.takeAll(ends.source());
        return new Probed(ends.sink().asSubscriber(), probe);
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

    @Override
    public Integer createElement(int element) {
        return element;
    }

    /** Passes each signal on to the subscriber, and then tells the probe. */
    private record Probed(Flow.Subscriber<Integer> subscriber, WhiteboxSubscriberProbe<Integer> probe)
            implements Flow.Subscriber<Integer> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscriber.onSubscribe(subscription);
            probe.registerOnSubscribe(new SubscriberPuppet() {
                @Override
                public void triggerRequest(long elements) {
                    subscription.request(elements);
                }

                @Override
                public void signalCancel() {
                    subscription.cancel();
                }
            });
        }

        @Override
        public void onNext(Integer element) {
            subscriber.onNext(element);
            probe.registerOnNext(element);
        }

        @Override
        public void onError(Throwable failure) {
            subscriber.onError(failure);
            probe.registerOnError(failure);
        }

        @Override
        public void onComplete() {
            subscriber.onComplete();
            probe.registerOnComplete();
        }
    }
}
