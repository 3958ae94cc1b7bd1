package dev.penstock.tests.stream;

import dev.penstock.actor.ActorRef;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;

/** A stream with both its ends. */
record Ends<E>(
        ActorRef<ProducerMessage<E>> producer,
        ActorRef<ConsumerMessage<E>> consumer,
        SinkRef<E> sink,
        SourceRef<E> source) {}
