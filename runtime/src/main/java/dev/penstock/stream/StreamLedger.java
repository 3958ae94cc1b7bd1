package dev.penstock.stream;

import java.util.EnumMap;
import java.util.Map;

/**
 * Where the elements of one stream are: each that was accepted is in exactly one place, {@code offered = delivered +
 * buffered + inFlight + undelivered}. A snapshot, exact whenever the stream is at rest.
 *
 * @param offered accepted by {@code put}, {@code tryPut}, {@code Push}
 * @param delivered taken by the iterator, or told to a subscriber that is no {@link StreamConsumer}, or fetched by a
 *     {@link RemoteSubscriber} and not given back
 * @param buffered waiting in sinks for demand
 * @param inFlight sent and not yet taken
 * @param undeliveredBy left over when the stream ended early, by reason
 */
public record StreamLedger(
        long offered, long delivered, long buffered, long inFlight, Map<UndeliveredReason, Long> undeliveredBy) {

    /**
     * Copies the map.
     *
     * @param offered as above
     * @param delivered as above
     * @param buffered as above
     * @param inFlight as above
     * @param undeliveredBy as above
     */
    public StreamLedger {
        Map<UndeliveredReason, Long> copy = new EnumMap<>(UndeliveredReason.class);
        copy.putAll(undeliveredBy);
        undeliveredBy = java.util.Collections.unmodifiableMap(copy);
    }

    /** {@return all that were left over} */
    public long undelivered() {
        long sum = 0;
        for (long count : undeliveredBy.values()) {
            sum += count;
        }
        return sum;
    }

    /**
     * {@return how many were left over for one reason}
     *
     * @param reason the reason
     */
    public long undelivered(UndeliveredReason reason) {
        return undeliveredBy.getOrDefault(reason, 0L);
    }
}
