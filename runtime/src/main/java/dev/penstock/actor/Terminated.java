package dev.penstock.actor;

import java.util.Optional;

/**
 * A watched actor has stopped. Every message that it sent to the watcher before is received first.
 *
 * @param ref the actor that stopped
 * @param failure what it threw, if a failure stopped it
 */
public record Terminated(ActorRef<?> ref, Optional<Throwable> failure) implements Signal {}
