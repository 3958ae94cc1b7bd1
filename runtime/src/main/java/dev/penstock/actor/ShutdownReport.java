package dev.penstock.actor;

import java.time.Duration;
import java.util.List;

/**
 * What a system left behind when it closed.
 *
 * @param took how long it took to close
 * @param unfinished the paths of the actors that had not stopped by the deadline
 * @param deadLetters how many messages became dead letters while it closed, without those that do no harm
 */
public record ShutdownReport(Duration took, List<String> unfinished, long deadLetters) {

    /** {@return whether every actor stopped in time} */
    public boolean clean() {
        return unfinished.isEmpty();
    }
}
