package dev.penstock.network;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Subscription;
import dev.penstock.network.link.LinkProvider;
import dev.penstock.network.peer.Directory;
import dev.penstock.network.peer.Node;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A way into a cluster for a program that is no member of it: over one connection that it opens itself, which so works
 * through a tunnel. Its actors consume and produce as those of members do; what goes to and from another member than the one
 * it has reached is passed on by that one.
 *
 * <p>When the connection is lost, all that hung on it ends as between members, and the refs that came by it are of no use any
 * more: a client may use what it was shown on its own connection. It then tries its contacts in turn until it is closed:
 * subscribe to keys to hear of the new refs.
 */
public final class ClusterClient implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");
    private static final long FIRST_RETRY = 100_000_000L;
    private static final long LAST_RETRY = 2_000_000_000L;

    private final List<InetSocketAddress> contacts;
    private final LinkProvider links;
    private final Node node;
    private final List<Wanted<?>> wanted = new CopyOnWriteArrayList<>();

    // written: the loop, volatile; read: any thread. Not done while there is no connection
    private volatile CompletableFuture<Member> contact = new CompletableFuture<>();
    // written: whoever closes, once, volatile; read: the loop, and whoever wants something
    private volatile boolean closed;

    // the loop only
    private int next;
    private long retry = FIRST_RETRY;

    private ClusterClient(ActorSystem system, List<InetSocketAddress> contacts, ClientOptions options) {
        this.contacts = contacts;
        links = options.transport().open(options.cluster(), options.tls());
        Member self = new Member(
                Node.CLIENT + options.name(),
                Transport.incarnation(system),
                InetSocketAddress.createUnresolved("-", 0));
        node = new Node(
                system,
                options.cluster(),
                self,
                options.codecs(),
                links,
                options.detection().toNanos(),
                new Node.Listener() {
                    @Override
                    public void up(Member member) {
                        reached(member);
                    }

                    @Override
                    public void down(Member member, String why) {}
                });
    }

    /**
     * Begins to connect, and goes on until it is closed. Does not wait: {@link #awaitConnected} does.
     *
     * @param system whose actors take part
     * @param contacts members that may be reached, each as {@code host:port} of its links
     * @param options the options
     * @return the client, to be closed
     */
    public static ClusterClient connect(ActorSystem system, List<String> contacts, ClientOptions options) {
        Objects.requireNonNull(system, "system");
        List<InetSocketAddress> addresses = contacts.stream()
                .map(text -> ClusterOptions.parse("contact", text))
                .toList();
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("a client needs a contact");
        }
        for (InetSocketAddress address : addresses) {
            if (options.tls() == null
                    && !options.isPlaintext()
                    && !address.getAddress().isLoopbackAddress()) {
                throw new IllegalArgumentException(address
                        + " is on a network, and there is neither tls() nor, if that is" + " meant, plaintext()");
            }
        }
        ClusterClient client = new ClusterClient(system, addresses, options);
        client.links.loop().execute(client::dial);
        return client;
    }

    /**
     * Waits until there is a connection.
     *
     * @param timeout for how long
     * @return the member that was reached
     * @throws TimeoutException if there is none by then
     * @throws InterruptedException if interrupted meanwhile
     */
    public Member awaitConnected(Duration timeout) throws TimeoutException, InterruptedException {
        return Transport.await(contact, timeout, "no contact of " + contacts + " was reached");
    }

    /**
     * Looks a key up once.
     *
     * @param <M> the messages of the actors
     * @param key the key
     * @return completes with what is registered, once the member has answered; not before there is a connection. Fails with
     *     an {@link IllegalStateException} if this is closed before
     */
    public <M> CompletableFuture<Listing<M>> lookup(ServiceKey<M> key) {
        CompletableFuture<Listing<M>> answer = new CompletableFuture<>();
        Wanted<M> once = new Wanted<>(key, answer::complete, answer::completeExceptionally, true);
        want(once);
        answer.whenComplete((listing, e) -> forget(once));
        return answer;
    }

    /**
     * Waits until so many actors are known to be registered under a key. Not from a listener, on whose thread that becomes
     * known.
     *
     * @param <M> the messages of the actors
     * @param key the key
     * @param count how many at least
     * @param timeout for how long
     * @return the actors
     * @throws TimeoutException if there are fewer by then; it says which
     * @throws InterruptedException if interrupted meanwhile
     * @throws IllegalStateException if this is closed before or meanwhile
     */
    public <M> Listing<M> awaitListing(ServiceKey<M> key, int count, Duration timeout)
            throws TimeoutException, InterruptedException {
        AtomicReference<Listing<M>> last = new AtomicReference<>(new Listing<>(key, List.of()));
        CompletableFuture<Listing<M>> found = new CompletableFuture<>();
        Wanted<M> enough = new Wanted<>(
                key,
                listing -> {
                    last.set(listing);
                    if (listing.entries().size() >= count) {
                        found.complete(listing);
                    }
                },
                found::completeExceptionally,
                false);
        want(enough);
        try {
            return found.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new TimeoutException(last.get().without(count, timeout) + whoIsAsked());
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e);
        } finally {
            forget(enough);
        }
    }

    private String whoIsAsked() {
        try {
            Member reached = contact.getNow(null);
            if (reached != null) {
                return "; asked is member " + reached.name();
            }
        } catch (CompletionException e) {
            // closed at this moment
        }
        return "; no contact of " + contacts + " is reached";
    }

    /**
     * Tells a listener what is registered under a key, now and on each change; that nothing is when the connection is lost.
     *
     * @param <M> the messages of the actors
     * @param key the key
     * @param listener called on the network's thread; must not block
     * @return ends it
     */
    public <M> Subscription subscribe(ServiceKey<M> key, Consumer<? super Listing<M>> listener) {
        Wanted<M> all = new Wanted<>(key, listener, why -> {}, false);
        want(all);
        return () -> forget(all);
    }

    private void want(Wanted<?> what) {
        wanted.add(what);
        onLoop(() -> ask(what));
        if (closed) { // close() tells those that it finds: either it has found this, or this has found it closed
            what.closed.accept(closing());
        }
    }

    private void forget(Wanted<?> what) {
        wanted.remove(what);
        onLoop(
                () -> { // or it might be asked for at this moment
                    Subscription subscription = what.subscription;
                    if (subscription != null) {
                        subscription.close();
                    }
                });
    }

    private void onLoop(Runnable task) {
        try {
            links.loop().execute(task);
        } catch (RejectedExecutionException e) {
            // closed: nobody will hear anything
        }
    }

    /**
     * Ends the connection and everything that hangs on it. Blocks until the network's thread has ended.
     *
     * @throws IllegalStateException on that thread: by a listener
     */
    @Override
    public void close() {
        if (node.isOnLoop()) {
            throw new IllegalStateException("a client is not closed from the network's thread, for which it waits");
        }
        closed = true;
        node.close();
        wanted.forEach(what -> what.closed.accept(closing()));
        contact.completeExceptionally(closing());
    }

    private static IllegalStateException closing() {
        return new IllegalStateException("the client was closed");
    }

    // ---- the loop

    private void dial() {
        if (!closed) {
            node.connect(contacts.get(next++ % contacts.size()), this::lost);
        }
    }

    private void reached(Member member) {
        retry = FIRST_RETRY;
        contact.complete(member);
        wanted.forEach(this::ask);
    }

    private void lost(Throwable why) {
        if (contact.isDone()) {
            contact = new CompletableFuture<>();
            for (Wanted<?> what : wanted) {
                what.subscription = null;
                what.found(List.of());
            }
        }
        if (!closed) {
            long wait = retry;
            retry = Math.min(2 * retry, LAST_RETRY);
            links.loop().schedule(wait, this::dial);
        }
    }

    private void ask(Wanted<?> what) {
        if (contact.isDone() && what.subscription == null && wanted.contains(what)) {
            what.subscription = node.lookup(
                            what.key.name(), what.key.messageType().getName(), what::found)
                    .orElse(null);
        }
    }

    /** A key that somebody wants to know about. */
    private static final class Wanted<M> {
        private final ServiceKey<M> key;
        private final Consumer<? super Listing<M>> listener;
        private final Consumer<? super IllegalStateException> closed; // told if the client is, perhaps twice
        private final boolean once;

        // written: the loop, volatile; read: whoever ends it
        private volatile Subscription subscription;

        Wanted(
                ServiceKey<M> key,
                Consumer<? super Listing<M>> listener,
                Consumer<? super IllegalStateException> closed,
                boolean once) {
            this.key = key;
            this.listener = listener;
            this.closed = closed;
            this.once = once;
        }

        @SuppressWarnings("unchecked") // actors are registered under a key of their messages
        void found(List<Directory.Entry> entries) {
            if (once && subscription == null) {
                return; // the connection was lost before the answer
            }
            List<Listing.Entry<M>> typed = new ArrayList<>();
            for (Directory.Entry entry : entries) {
                typed.add(new Listing.Entry<>(entry.member(), (ActorRef<M>) entry.ref()));
            }
            try {
                listener.accept(new Listing<>(key, typed));
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "a listener of " + key + " failed", e);
            }
        }
    }
}
