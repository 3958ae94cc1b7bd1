package dev.penstock.stream;

/**
 * There are no more elements: every one that was put has been sent.
 *
 * @param <E> the elements of the stream
 */
public record StreamCompleted<E>() implements ConsumerMessage<E> {}
