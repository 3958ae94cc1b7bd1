package dev.penstock.network.faults;

import java.time.Duration;

/** What is done to a stream between two nodes; a third may stand by. */
public enum Fault {
    LOSS_OF_1("1 % of all packets lost for 6 s", 5, Expected.RESUME, run -> run.lose(1, 6)),
    LOSS_OF_5("5 % of all packets lost for 6 s", 5, Expected.RESUME, run -> run.lose(5, 6)),
    LOSS_OF_20("20 % of all packets lost for 6 s", 5, Expected.EITHER, run -> run.lose(20, 6)),
    // Silence ends a link after 0.8 of the detection time, the membership after 0.76 to 0.96. After an outage TCP sends
    // again when its backoff says so: the silence may last twice as long, and longer on a busy machine.
    OUTAGE_SHORT("outage of 1 s", 5, Expected.RESUME, run -> run.silence(1)),
    OUTAGE_SHORTER("outage of 3 s, shorter than every timer", 5, Expected.EITHER, run -> run.silence(3)),
    OUTAGE_BETWEEN("outage of 4.5 s, between the timers", 5, Expected.EITHER, run -> run.silence(4.5)),
    OUTAGE_LONGER("outage of 4 s, longer than every timer", 2, Expected.FAILURE, run -> run.silence(4)),
    OUTAGE_LONG("outage of 12 s", 2, Expected.FAILURE, run -> run.silence(12)),
    PRODUCER_KILLED("producer's node killed (-9), restarted on its ports", 2, Expected.FAILURE, FaultRun::killProducer),
    CONSUMER_KILLED("consumer's node killed (-9), restarted on its ports", 2, Expected.FAILURE, FaultRun::killConsumer),
    PRODUCER_STOPPED_3("producer's node stopped for 3 s", 5, Expected.RESUME, run -> run.stop(3, run.producer())),
    CONSUMER_STOPPED_3("consumer's node stopped for 3 s", 5, Expected.RESUME, run -> run.stop(3, run.consumer())),
    PRODUCER_STOPPED_14("producer's node stopped for 14 s", 5, Expected.FAILURE, run -> run.stop(14, run.producer())),
    CONSUMER_STOPPED_14("consumer's node stopped for 14 s", 5, Expected.FAILURE, run -> run.stop(14, run.consumer())),
    BOTH_STOPPED_14("both stopped for 14 s", 5, Expected.EITHER, run -> run.stop(14, run.producer(), run.consumer())),
    STOPPED_BESIDE_LIVE(
            "consumer's node stopped for 14 s beside a live one", 5, Expected.FAILURE, FaultRun::stopBeside),
    ONE_WAY_TO_CONSUMER(
            "nothing comes through to the consumer's node for 6 s",
            2,
            Expected.FAILURE,
            run -> run.cutOneWay(6, run.producer(), run.consumer())),
    ONE_WAY_TO_PRODUCER(
            "nothing comes through to the producer's node for 6 s",
            2,
            Expected.FAILURE,
            run -> run.cutOneWay(6, run.consumer(), run.producer())),
    SPLIT_AND_MERGE("consumer's node split from the two others for 6 s", 2, Expected.FAILURE, run -> run.split(6));

    /** How the stream may end. */
    enum Expected {
        /** In nine of ten times at least: on a machine that is busy enough, a stop of 3 s takes 4 s. */
        RESUME,
        FAILURE,
        EITHER
    }

    final String text;
    final Duration detection;
    final Expected expected;
    final Strike strike;

    /** Does it, and undoes it. */
    interface Strike {
        void on(FaultRun run) throws Exception;
    }

    Fault(String text, int detectionSeconds, Expected expected, Strike strike) {
        this.text = text;
        this.detection = Duration.ofSeconds(detectionSeconds);
        this.expected = expected;
        this.strike = strike;
    }

    int nodes() {
        return this == STOPPED_BESIDE_LIVE || this == SPLIT_AND_MERGE ? 3 : 2;
    }
}
