package dev.penstock.stream;

/**
 * What a stream producer understands. All of them are values that anyone may make and tell.
 *
 * @param <E> the elements of the stream
 */
public sealed interface ProducerMessage<E>
        permits GetSink, Subscribe, StreamDemand, StreamCancel, Push, InputReady, CompleteStream, FailStream {}
