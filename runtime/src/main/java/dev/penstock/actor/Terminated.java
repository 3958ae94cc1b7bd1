package dev.penstock.actor;

import java.util.Optional;

/**
 * A watched actor has stopped, or is out of reach for good. Every message that it sent to the watcher before, and that
 * arrived, is received first.
 *
 * @param ref the actor that stopped
 * @param failure what it threw, if a failure stopped it; or how it was lost
 */
public record Terminated(ActorRef<?> ref, Optional<Throwable> failure) implements Signal {}
