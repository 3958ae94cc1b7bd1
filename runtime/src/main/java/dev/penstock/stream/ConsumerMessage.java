package dev.penstock.stream;

/**
 * What a stream consumer understands, and so does any actor that subscribes to a producer by itself.
 *
 * @param <E> the elements of the stream
 */
public sealed interface ConsumerMessage<E>
        permits GetSource, StreamElement, StreamCompleted, StreamFailed, StreamDemand, StreamCancel {}
