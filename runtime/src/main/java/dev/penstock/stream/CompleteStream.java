package dev.penstock.stream;

/**
 * Completes all sinks of a producer: the subscriber receives what was put and pushed before, then
 * {@link StreamCompleted}.
 *
 * @param <E> the elements of the stream
 */
public record CompleteStream<E>() implements ProducerMessage<E> {}
