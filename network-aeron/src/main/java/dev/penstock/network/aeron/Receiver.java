package dev.penstock.network.aeron;

import dev.penstock.network.link.LinkHandler;
import io.aeron.Subscription;
import io.aeron.exceptions.RegistrationException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Where this side hears others: a UDP port, or a stream in shared memory. One that listens hears those who dial, and the
 * answers to what is dialed from here; one that does not, answers only. It outlives the media: opened in others, it has the
 * port it had. On the loop.
 */
final class Receiver {

    private final AeronLinks links;
    private final InetSocketAddress bind; // null: in shared memory
    private final int stream;
    private final Supplier<LinkHandler> accepted; // null: it does not listen

    /** Completes once, with the address in use, or with why there is none; null in shared memory. */
    private final CompletableFuture<InetSocketAddress> opened = new CompletableFuture<>();

    private InetSocketAddress address; // with the port in use, once there is one
    private Media media; // null: closed
    private long registration;
    private Subscription subscription; // null: not there yet
    private boolean open;
    private long since; // when it was first tried; 0 while it is not

    Receiver(AeronLinks links, InetSocketAddress bind, int stream, Supplier<LinkHandler> accepted) {
        this.links = links;
        this.bind = bind;
        this.stream = stream;
        this.accepted = accepted;
        address = bind;
    }

    /** Begins to open it. */
    void open(Media in) {
        since = since == 0 ? System.nanoTime() : since;
        media = in;
        subscription = null;
        open = false;
        String channel = bind == null ? AeronLinks.IPC : "aeron:udp?endpoint=" + AeronLinks.text(address);
        registration =
                in.client().asyncAddSubscription(channel, stream, image -> links.arrived(image, this), image -> {});
    }

    /** Goes on opening it; whether there was something to do. */
    boolean advance() {
        if (open || media == null) {
            return false;
        }
        try {
            if (subscription == null) {
                subscription = media.client().getSubscription(registration);
            }
            if (subscription == null) {
                return false;
            }
            if (bind != null) {
                String resolved = subscription.resolvedEndpoint();
                if (resolved == null) {
                    return false;
                }
                address = new InetSocketAddress(bind.getAddress(), AeronLinks.port(resolved));
            }
            open = true;
            since = 0;
            opened.complete(address);
        } catch (RuntimeException | UnknownHostException e) {
            if (e instanceof RegistrationException && links.mayTryAgain(this, System.nanoTime() - since)) {
                close(); // a driver of somebody else takes a moment to let go of what was closed
                return true;
            }
            fail(new IOException(
                    "cannot listen on " + (bind == null ? "stream " + stream : AeronLinks.text(address)) + ": "
                            + e.getMessage(),
                    e));
        }
        return true;
    }

    /** It cannot be opened, or is of no use any more. */
    void fail(IOException why) {
        close();
        since = 0;
        links.failed(this);
        opened.completeExceptionally(why);
    }

    /** The media are gone, or will be. */
    void close() {
        media = null;
        subscription = null;
        open = false;
    }

    boolean isClosed() {
        return media == null;
    }

    boolean isOpen() {
        return open;
    }

    boolean isListening() {
        return accepted != null;
    }

    boolean isIpc() {
        return bind == null;
    }

    /** Whether what is sent from that address of this host should be answered here. */
    boolean isAt(InetAddress local) {
        return bind != null && bind.getAddress().equals(local);
    }

    /** What a HELLO says of where the answer is to go. */
    int replyTo() {
        return bind == null ? stream : address.getPort();
    }

    CompletableFuture<InetSocketAddress> opened() {
        return opened;
    }

    Supplier<LinkHandler> accepted() {
        return accepted;
    }
}
