package dev.penstock.actor;

/** Ends a subscription to events of a system. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {

    /** Delivers nothing more. */
    @Override
    void close();
}
