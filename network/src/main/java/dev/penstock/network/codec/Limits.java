package dev.penstock.network.codec;

/** What a value may be at most, whatever the frame has room for. The package's comment promises these numbers. */
final class Limits {

    /** Of a string, in encoded bytes. */
    static final int STRING_BYTES = 16 * 1024;

    /** Of a byte array. */
    static final int BYTES = 64 * 1024;

    /** Of values within values; the outermost counts. */
    static final int DEPTH = 16;

    /** Of a record. */
    static final int COMPONENTS = 64;

    private Limits() {}
}
