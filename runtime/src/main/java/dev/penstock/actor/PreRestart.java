package dev.penstock.actor;

/**
 * The behavior failed and is about to be replaced by a fresh one; the mailbox is kept, the children have been stopped.
 *
 * @param failure what the behavior threw
 */
public record PreRestart(Throwable failure) implements Signal {}
