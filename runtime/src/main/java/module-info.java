/**
 * The actor runtime, and the demand-gated stream between two actors.
 *
 * <p>{@link dev.penstock.actor} is how anything runs: systems, actors, mailboxes, dispatchers. {@link dev.penstock.stream}
 * is built on it and never the other way round. The queues come from JCTools and appear in no public signature.
 */
module dev.penstock.runtime {
    requires org.jctools.core.jdk11;

    exports dev.penstock.actor;
    exports dev.penstock.stream;
}
