package dev.penstock.actor;

import java.time.Duration;

/**
 * What waits in an actor's mailbox, seen from outside.
 *
 * @param depth how many messages wait
 * @param oldestAge how long the oldest of them has waited: exact for the first one after the actor was idle, otherwise
 *     an upper bound, taken from the last moment at which nothing that waits now had arrived yet; zero if none waits
 */
public record MailboxStatus(int depth, Duration oldestAge) {}
