package dev.penstock.network.aeron;

import dev.penstock.network.link.ConnectionGate;
import dev.penstock.network.link.Loop;
import io.aeron.Image;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.logbuffer.Header;
import java.io.IOException;
import java.net.ProtocolException;
import org.agrona.DirectBuffer;

/**
 * What comes from one publication of somebody else's, from its first fragment on: it is bound to the one link that this
 * fragment is about, and to no other ever. On the loop.
 */
final class Inbound implements FragmentHandler {

    private static final int FRAGMENTS_A_ROUND = 32;

    private final AeronLinks links;
    private final Receiver receiver;
    private final Image image;

    private AeronLink link; // null: not bound yet
    private ConnectionGate.Pass pass; // of one who dials; null for an answer
    private Loop.Timer deadline; // to say hello; null: none
    private boolean dead; // what comes is dropped

    Inbound(AeronLinks links, Receiver receiver, Image image) {
        this.links = links;
        this.receiver = receiver;
        this.image = image;
    }

    /** It is the answer to that link. */
    void bind(AeronLink to) {
        link = to;
    }

    /** It is somebody who dials, and is to say hello. */
    void admitted(ConnectionGate.Pass as) {
        pass = as;
        deadline = as.limit(this::tooLate);
        as.onEvicted(this::evicted);
    }

    Receiver receiver() {
        return receiver;
    }

    Image image() {
        return image;
    }

    /** Reads what is there; whether there was something. */
    boolean round() {
        if (!dead && link != null && !link.mayRead()) {
            return false;
        }
        return image.poll(this, FRAGMENTS_A_ROUND) > 0;
    }

    /** The driver has given it up. */
    void gone() {
        if (dead) {
            return;
        }
        end();
        if (link != null) {
            link.inboundGone();
        }
    }

    /** Nothing more of it is wanted, and the driver tells the other side so. */
    void refuse() {
        end();
        if (!image.isClosed()) {
            image.reject("no connection to Penstock");
        }
    }

    /** What still comes is dropped: a publication in shared memory does not end before it is read. */
    void end() {
        dead = true;
        if (deadline != null) {
            deadline.cancel();
        }
        if (link == null && pass != null) {
            pass.leave();
        }
    }

    private void evicted() {
        if (link != null) {
            link.fail(new IOException("closed for another connection, before it was established"));
        } else if (!dead) {
            refuse();
        }
    }

    private void tooLate() {
        if (!dead && link == null) {
            links.gate().late(image.sourceIdentity());
            refuse();
        }
    }

    @Override
    public void onFragment(DirectBuffer buffer, int offset, int length, Header header) {
        if (dead) {
            return;
        }
        try {
            if (header.flags() != FrameDescriptor.UNFRAGMENTED || !Frame.isFrame(buffer, offset, length)) {
                throw new ProtocolException("that is not Penstock");
            }
            if (link == null) {
                hello(buffer, offset, length);
            } else {
                link.fragment(buffer, offset, length);
            }
        } catch (Throwable e) {
            if (link != null) {
                link.fail(e);
            } else {
                links.gate().rejected(image.sourceIdentity(), e);
                refuse();
            }
        }
    }

    private void hello(DirectBuffer buffer, int offset, int length) throws IOException {
        if (Frame.kind(buffer, offset) != Frame.HELLO
                || Frame.id(buffer, offset) != 0
                || Frame.number(buffer, offset) != 0
                || length != Frame.HEADER + Frame.HELLO_LENGTH) {
            throw new ProtocolException("nobody said hello");
        }
        deadline.cancel();
        link = links.accept(
                this,
                pass,
                Frame.toldId(buffer, offset),
                Frame.replySession(buffer, offset),
                Frame.replyTo(buffer, offset));
    }
}
