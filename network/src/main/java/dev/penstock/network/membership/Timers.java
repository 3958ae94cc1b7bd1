package dev.penstock.network.membership;

import java.time.Duration;

/**
 * JGroups' timers, all of which follow from the time within which a killed node leaves the view.
 *
 * <p>A node of which nothing was heard for {@code silence}, looked at each {@code heartbeat}, is asked whether it is alive,
 * and has one to two times {@code verify} to answer. In the worst case that is 0.76 + 0.076 + 2 · 0.06 = 0.956 of the
 * detection time; the rest is for the new view.
 *
 * @param silenceMillis FD_ALL3's timeout: ten times the heartbeat
 * @param heartbeatMillis FD_ALL3's interval
 * @param verifyMillis VERIFY_SUSPECT2's timeout; it looks at its clock no more often than that
 * @param mergeMinMillis MERGE3's least interval between two announcements of a part of the cluster
 * @param mergeMaxMillis MERGE3's greatest one; parts that reach each other find out within 1.6 times this
 * @param joinMillis how long GMS looks for members, and waits for the answer of one
 * @param leaveMillis how long GMS waits for the answer when it leaves
 * @param viewAckMillis how long GMS waits until all have the new view
 * @param connectMillis how long a connection to another node may take; its handshake, twice as long
 * @param writeMillis how long a node may refuse to read before the connection to it is given up; one sends to all, heartbeats
 *     among it, one after another: others must hear enough of us meanwhile
 * @param retryMillis how long a node that kept one waiting is left alone
 */
record Timers(
        int silenceMillis,
        int heartbeatMillis,
        int verifyMillis,
        int mergeMinMillis,
        int mergeMaxMillis,
        int joinMillis,
        int leaveMillis,
        int viewAckMillis,
        int connectMillis,
        int writeMillis,
        int retryMillis) {

    static Timers of(Duration detection) {
        int millis = Math.toIntExact(detection.toMillis());
        int heartbeat = (int) (millis * 76L / 1000);
        return new Timers(
                10 * heartbeat,
                heartbeat,
                Math.max(1, millis / 100 * 6),
                within(200, millis / 5, 1000),
                within(600, millis * 3L / 5, 3000),
                within(500, millis / 5, 1000),
                within(500, millis / 5, 1000),
                within(200, millis / 10, 500),
                within(500, millis / 10, 1000),
                Math.max(200, 2 * heartbeat),
                millis / 4);
    }

    private static int within(int least, long millis, int most) {
        return (int) Math.max(least, Math.min(millis, most));
    }
}
