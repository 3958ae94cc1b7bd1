package dev.penstock.network.link;

import java.time.Duration;

/**
 * How many accepted connections there may be that are not {@linkplain Link#established established} yet: anybody can open
 * those.
 *
 * @param pending in all; one more takes the place of the oldest of the address with the most, if its own has fewer
 * @param pendingAnAddress from one address
 * @param time how long each may take
 */
public record GateLimits(int pending, int pendingAnAddress, Duration time) {

    /** 64 in all, 8 an address, 5 seconds. */
    public static final GateLimits DEFAULT = new GateLimits(64, 8, Duration.ofSeconds(5));

    /**
     * Checks the numbers.
     *
     * @param pending as above
     * @param pendingAnAddress as above
     * @param time as above
     */
    public GateLimits {
        if (pending < 1 || pendingAnAddress < 1 || time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException(
                    "limits must be positive: " + pending + ", " + pendingAnAddress + ", " + time);
        }
    }
}
