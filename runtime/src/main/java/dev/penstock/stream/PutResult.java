package dev.penstock.stream;

/** What became of an element offered to a sink. */
public enum PutResult {
    /** It is in the stream. */
    ACCEPTED,
    /** There was no room; the caller still has it. */
    FULL,
    /** The stream, or the sink, has ended; the caller still has it. */
    CLOSED
}
