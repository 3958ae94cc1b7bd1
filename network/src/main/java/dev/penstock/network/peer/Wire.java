package dev.penstock.network.peer;

/**
 * The frames of a link.
 *
 * <pre>
 *  0  u32 length    of what follows
 *  4  u8  type
 *  5  u24 zero
 *  8  u32 epoch     which connection of these two nodes; agreed in ACCEPT, 0 before
 * 12  u64 sequence  of the frame, from 1, in its direction; 0 before ACCEPT
 * 20      body
 * </pre>
 */
final class Wire {

    static final long MAGIC = 0x50656e73746f636bL; // "Penstock"
    static final int VERSION = 1;

    static final int HEADER = 20;
    /** What the length field does not count. */
    static final int LENGTH_FIELD = 4;

    static final int MAX_FRAME = 64 * 1024;

    /** At most so many elements in a frame. */
    static final int MAX_RUN = 1024;

    // handshake
    static final int HELLO = 1;
    static final int ACCEPT = 2;
    static final int REJECT = 3;

    // the link itself
    static final int PING = 4;
    static final int BYE = 5;

    // actors
    static final int TELL = 16; // target uid, codec number, payload
    static final int WATCH = 20; // uid
    static final int UNWATCH = 21; // uid
    static final int TERMINATED = 22; // uid, whether failed, class, text

    // streams: control
    static final int SUBSCRIBE = 32; // stream, producer uid, granted, consumer
    static final int DEMAND = 33; // stream, granted in all
    static final int BAD_DEMAND = 34; // stream, n
    static final int CANCEL = 35; // stream
    static final int CONFIRMED = 36; // stream

    // streams: data
    static final int ELEMENTS = 40; // stream, number of the first from 1, count u16, codec u16, payloads
    static final int COMPLETED = 41; // stream, sent in all
    static final int FAILED = 42; // stream, sent in all, code u8, class, text

    // keys, for clients
    static final int LOOKUP = 48; // lookup, key, type
    static final int UNLOOKUP = 49; // lookup
    static final int LISTING = 50; // lookup, count, (node, incarnation, ref) each

    // why a stream failed
    static final int FAILURE = 1;
    static final int ALREADY_SUBSCRIBED = 2;
    static final int PRODUCER_LOST = 3;
    static final int ILLEGAL_DEMAND = 4;

    private Wire() {}
}
