package dev.penstock.network.hostile;

import dev.penstock.network.codec.Codecs;
import dev.penstock.network.link.Link;
import dev.penstock.network.link.LinkHandler;
import dev.penstock.network.link.Loop;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The far end of a connection to the node under test, which sends whatever bytes it likes; in between is a link that does what
 * {@link Link} says, on the loop of the node.
 */
final class Attacker implements Link {

    /** A frame that the node has sent: its type and body. */
    record Heard(int type, ByteBuffer body) {}

    final Target target;
    final String name;
    final long incarnation;
    final Set<String> names; // in its certificate; empty: plain text
    final List<Heard> heard = new ArrayList<>();

    int epoch;
    long sequence;
    int lastStream;

    /** Whether it reads what the node sends. */
    boolean reads = true;
    /** What came out of the handler, where nothing may. */
    Throwable escaped;
    /** Closed by the node. */
    boolean closing;

    private final Loop loop;
    final LinkHandler handler;
    private final byte[] filled; // shared, as that of links is
    private boolean awake;
    private boolean closed;

    Attacker(Target target, String name, long incarnation, LinkHandler handler, Set<String> names) {
        this.target = target;
        this.name = name;
        this.incarnation = incarnation;
        this.handler = handler;
        this.names = names;
        loop = target.loop();
        filled = target.filled;
        run(() -> handler.connected(this));
    }

    private void run(Runnable task) {
        loop.execute(() -> {
            if (closing) {
                return;
            }
            try {
                task.run();
            } catch (Throwable e) {
                escaped = e;
                closing = true;
                over(e);
            }
        });
        target.settle();
    }

    // ---- what it sends

    /** Sends bytes as they are, in pieces if there is a source of randomness. */
    void send(byte[] bytes, Random random) {
        run(() -> {
            int at = 0;
            while (at < bytes.length && !closing) {
                int piece = random == null || random.nextInt(4) > 0
                        ? bytes.length - at
                        : 1 + random.nextInt(bytes.length - at);
                handler.received(bytes, at, at + piece);
                at += piece;
            }
        });
    }

    void send(byte[] bytes) {
        send(bytes, null);
    }

    /** The frame as it should be sent now. */
    byte[] next(Frame frame) {
        return frame.bytes(epoch, ++sequence);
    }

    void send(Frame frame) {
        send(next(frame));
    }

    Frame hello(Codecs codecs, boolean client) {
        return greeting(Frame.HELLO, codecs, client, target.member.name(), target.member.incarnation(), 0);
    }

    Frame greeting(int type, Codecs codecs, boolean client, String to, long toLife, int itsEpoch) {
        return Frame.of(type)
                .raw("Penstock".getBytes(StandardCharsets.US_ASCII))
                .i16(1)
                .i8(client ? 1 : 0)
                .text("test")
                .text(name)
                .i64(incarnation)
                .text(to)
                .i64(toLife)
                .i32(itsEpoch)
                .codecs(codecs);
    }

    /** Greets as it should; answers whether it was accepted. */
    boolean greet(boolean client) {
        send(hello(target.codecs, client).bytes(0, 0));
        Heard accept = first(Frame.ACCEPT);
        if (accept == null) {
            return false;
        }
        epoch = epochOf(accept);
        return true;
    }

    /** Answers the greeting of the node, which has dialed it. */
    void accept(boolean client) {
        Heard hello = first(Frame.HELLO);
        epoch = epochOf(hello) + 1;
        send(greeting(Frame.ACCEPT, target.codecs, client, "m", 1, epoch).bytes(0, 0));
    }

    private static int epochOf(Heard greeting) {
        ByteBuffer body = greeting.body.duplicate().position(11);
        text(body);
        text(body);
        body.getLong();
        text(body);
        body.getLong();
        return body.getInt();
    }

    static String text(ByteBuffer body) {
        byte[] bytes = new byte[body.getShort()];
        body.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Ends the connection from its side. */
    void hangUp() {
        run(() -> {
            closing = true;
            over(new java.io.EOFException("the attacker is gone"));
        });
    }

    // ---- what it hears

    Heard first(int type) {
        return first(type, body -> true);
    }

    Heard first(int type, Predicate<ByteBuffer> which) {
        for (Heard frame : heard) {
            if (frame.type == type && which.test(frame.body.duplicate())) {
                return frame;
            }
        }
        return null;
    }

    long count(int type) {
        return heard.stream().filter(frame -> frame.type == type).count();
    }

    private void turn() {
        awake = false;
        while (!closing && reads) {
            int length;
            try {
                length = handler.fill(filled);
            } catch (Throwable e) {
                escaped = e;
                closing = true;
                over(e);
                return;
            }
            if (length == 0) {
                return;
            }
            for (int at = 0; at < length; ) {
                ByteBuffer frame = ByteBuffer.wrap(filled, at, length - at);
                int size = frame.getInt() + 4;
                byte[] body = new byte[size - Frame.HEADER];
                ByteBuffer.wrap(filled, at + Frame.HEADER, body.length).get(body);
                heard.add(new Heard(frame.get(), ByteBuffer.wrap(body)));
                at += size;
            }
        }
    }

    private void over(Throwable cause) {
        if (!closed) {
            closed = true;
            handler.closed(cause);
        }
    }

    /** Reads what it has left, and goes on reading. */
    void readAgain() {
        reads = true;
        awake = true;
        run(this::turn);
    }

    // ---- the link, as the node sees it

    @Override
    public void wakeWriter() {
        if (!awake) {
            awake = true;
            loop.execute(this::turn);
        }
    }

    @Override
    public void close() {
        closing = true;
        loop.execute(() -> over(null));
    }

    @Override
    public void established() {}

    @Override
    public Set<String> peerNames() {
        return names;
    }

    @Override
    public boolean isSecure() {
        return !names.isEmpty();
    }

    @Override
    public String peerAddress() {
        return "attacker";
    }
}
