package dev.penstock.network.faults;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.Subscription;
import dev.penstock.actor.Terminated;
import dev.penstock.network.Cluster;
import dev.penstock.network.ClusterOptions;
import dev.penstock.network.Keytool;
import dev.penstock.network.Listing;
import dev.penstock.network.ServiceKey;
import dev.penstock.network.Tls;
import dev.penstock.network.codec.Codecs;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamProducer;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.invoke.MethodHandles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A node in a process of its own. Each line on standard input is a number and a request; the answer, when there is one, is a
 * line with that number and a serialised value, or what went wrong. It ends when its standard input does, without a
 * good-bye.
 */
public final class NodeMain {

    /** In place of stores. */
    static final String PLAINTEXT = "-";

    private static final Duration WAIT = Duration.ofSeconds(60);
    /** So many elements wait for demand at most. */
    static final int BUFFER = 64;

    private final ActorSystem system;
    private final Cluster cluster;
    private final BlackBox box;
    private final Map<Long, Producing> producing = new ConcurrentHashMap<>();
    private final Map<Long, Consuming> consuming = new ConcurrentHashMap<>();
    private final Map<String, Meeting> meetings = new ConcurrentHashMap<>();
    private final AtomicInteger strays = new AtomicInteger(); // elements told to a consumer that had ended
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "node-main");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * What streams carry.
     *
     * @param run the stream
     * @param number from 1
     * @param due when it should have been put, by the machine's monotonic clock
     */
    record Element(long run, long number, long due) {}

    private NodeMain(
            String name,
            String address,
            Duration detection,
            Path box,
            UnaryOperator<ClusterOptions> more,
            String[] seeds)
            throws Exception {
        this.box = new BlackBox(box);
        system = ActorSystem.create(name);
        system.subscribeDeadLetters(letter -> {
            if (letter.message() instanceof StreamElement) {
                strays.incrementAndGet();
            }
        });
        cluster = Cluster.join(
                system,
                more.apply(ClusterOptions.of(Keytool.CLUSTER, name)
                        .bind(address, NodeProcess.MEMBERSHIP_PORT)
                        .linkPort(NodeProcess.LINK_PORT)
                        .seeds(seeds)
                        .detection(detection)
                        .codecs(Codecs.builder()
                                .record(100, Element.class, MethodHandles.lookup())
                                .build())));
        cluster.spawn(nodeKey(name), Behaviors.ignore(), "probe");
    }

    public static void main(String[] args) throws Exception {
        run(options -> options, args);
    }

    /**
     * Is a node until its standard input ends.
     *
     * @param more what else its options say
     * @param args its name, its address, the time of detection, the file of its black box, its key store and its trust store,
     *     or twice {@link #PLAINTEXT}, and the seeds
     */
    public static void run(UnaryOperator<ClusterOptions> more, String... args) throws Exception {
        char[] password = Keytool.PASSWORD.toCharArray();
        UnaryOperator<ClusterOptions> trust = options -> args[4].equals(PLAINTEXT)
                ? options.plaintext()
                : options.tls(Tls.of(Path.of(args[4]), password, Path.of(args[5]), password));
        NodeMain node = new NodeMain(
                args[0],
                args[1],
                Duration.parse(args[2]),
                Path.of(args[3]),
                options -> more.apply(trust.apply(options)),
                Arrays.copyOfRange(args, 6, args.length));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        answer("0", "joined");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ");
            node.threads.execute(() -> {
                try {
                    answer(words[0], node.answerTo(words));
                } catch (Exception | LinkageError e) {
                    e.printStackTrace();
                    answer(words[0], e);
                }
            });
        }
        Runtime.getRuntime().halt(0);
    }

    private static void answer(String number, Serializable answer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(answer instanceof Throwable failure ? new RuntimeException(failure.toString()) : answer);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        System.out.println(number + " " + Base64.getEncoder().encodeToString(bytes.toByteArray())); // one line, whole
    }

    private Serializable answerTo(String[] words) throws Exception {
        String what = words.length > 2 ? words[2] : "";
        long run = what.matches("\\d+") ? Long.parseLong(what) : -1;
        return switch (words[1]) {
            case "members" -> cluster.awaitMembers((int) run, WAIT);
            case "produce" -> {
                producing.put(run, new Producing(run, Integer.parseInt(words[3])));
                yield true;
            }
            case "consume" -> {
                consuming.put(run, new Consuming(run, Integer.parseInt(words[3]), Integer.parseInt(words[4])));
                yield true;
            }
            case "taken" -> consuming.get(run).awaitTaken(Long.parseLong(words[3]));
            case "complete" -> producing.get(run).complete();
            case "producerEnded" -> producing.get(run).awaitEnd();
            case "consumerEnded" -> consuming.get(run).awaitEnd();
            case "producerReport" -> producing.get(run).report();
            case "consumerReport" -> consuming.get(run).report();
            case "latency" -> consuming.get(run).latency();
            case "strays" -> strays.get();
            case "meet" -> {
                meetings.put(what, new Meeting(what));
                yield true;
            }
            case "met" -> meetings.get(what).report();
            case "offer" -> {
                cluster.spawn(probeKey(what), Behaviors.ignore(), "probe-" + what);
                yield true;
            }
            case "listing" -> {
                int wanted = Integer.parseInt(words[3]);
                yield (Serializable)
                        find(probeKey(what), listing -> listing.entries().size() == wanted).entries().stream()
                                .map(entry ->
                                        entry.node().name() + "#" + entry.node().incarnation())
                                .sorted()
                                .toList();
            }
            default -> throw new IllegalArgumentException(String.join(" ", words));
        };
    }

    private static ServiceKey<ProducerMessage<Element>> numbersKey(long run) {
        return new ServiceKey<>("numbers-" + run, ProducerMessage.class);
    }

    private static ServiceKey<Element> nodeKey(String node) {
        return new ServiceKey<>("node-" + node, Element.class);
    }

    private static ServiceKey<Element> probeKey(String name) {
        return new ServiceKey<>("probe-" + name, Element.class);
    }

    private <M> Listing<M> find(ServiceKey<M> key, Predicate<Listing<M>> wanted) throws Exception {
        CompletableFuture<Listing<M>> found = new CompletableFuture<>();
        Subscription subscription = cluster.subscribe(key, (Listing<M> listing) -> {
            if (wanted.test(listing)) {
                found.complete(listing);
            }
        });
        try {
            return found.get(WAIT.toSeconds(), TimeUnit.SECONDS);
        } finally {
            subscription.close();
        }
    }

    /** The only one under that key, on another node or this. */
    private <M> ActorRef<M> find(ServiceKey<M> key) throws Exception {
        return find(key, listing -> listing.entries().size() == 1).refs().get(0);
    }

    /** The producer's end of a stream, and the thread that feeds it at a steady rate. */
    private final class Producing {
        private final long run;
        private final SinkRef<Element> sink;
        private final CompletableFuture<?> stopped;
        private final CompletableFuture<Void> put;
        private final List<Long> undelivered = Collections.synchronizedList(new ArrayList<>());
        private volatile boolean complete;
        private volatile long accepted;
        private volatile long endedAt;

        Producing(long run, int perSecond) {
            this.run = run;
            ActorRef<ProducerMessage<Element>> producer = cluster.spawn(
                    numbersKey(run),
                    StreamProducer.<Element>create(ProducerOptions.defaults()
                            .bufferSize(BUFFER)
                            .onUndelivered((Element element, Object why) -> undelivered.add(element.number()))),
                    "producer-" + run);
            stopped = system.whenStopped(producer);
            sink = system.ask(producer, GetSink<Element>::new, WAIT).join();
            sink.outcome().thenRun(() -> endedAt = System.nanoTime());
            put = CompletableFuture.runAsync(() -> feed(1_000_000_000L / perSecond), threads);
        }

        private void feed(long period) {
            long due = System.nanoTime();
            try {
                for (long number = 1; !complete; number++) {
                    box.write(run, number);
                    sink.put(new Element(run, number, due));
                    accepted = number;
                    due += period;
                    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                        LockSupport.parkNanos(left);
                    }
                }
                sink.complete();
            } catch (StreamClosedException ended) {
                // Its outcome says how.
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        Boolean complete() {
            complete = true;
            return true;
        }

        Boolean awaitEnd() throws Exception {
            sink.outcome().get();
            stopped.get();
            put.get();
            return true;
        }

        Reports.OfProducer report() {
            return new Reports.OfProducer(
                    Reports.End.of(sink.outcome(), endedAt),
                    accepted,
                    Reports.Ledger.of(sink.ledger()),
                    copy(undelivered));
        }
    }

    /** The consumer's end of a stream, and the thread that reads it. */
    private final class Consuming {
        private final long run;
        private final long pauseNanos;
        private final SourceRef<Element> source;
        private final CompletableFuture<?> stopped;
        private final CompletableFuture<Void> read;
        private final List<Long> undelivered = Collections.synchronizedList(new ArrayList<>());
        private long taken; // guarded by this, as all that follows
        private String wrong;
        private boolean over;
        private final List<Long> latencies = new ArrayList<>();
        private volatile long endedAt;

        Consuming(long run, int demand, int pauseMicros) throws Exception {
            this.run = run;
            this.pauseNanos = pauseMicros * 1_000L;
            ActorRef<ConsumerMessage<Element>> consumer = system.spawn(
                    StreamConsumer.create(
                            find(numbersKey(run)),
                            ConsumerOptions.defaults()
                                    .initialDemand(demand)
                                    .inactivityTimeout(Duration.ZERO)
                                    .onUndelivered((Element element, Object why) -> undelivered.add(element.number()))),
                    "consumer-" + run);
            stopped = system.whenStopped(consumer);
            source = system.ask(consumer, GetSource<Element>::new, WAIT).join();
            source.outcome().thenRun(() -> endedAt = System.nanoTime());
            read = CompletableFuture.runAsync(this::read, threads);
        }

        private void read() {
            try {
                for (Element element : source) {
                    take(element, System.nanoTime());
                    if (pauseNanos > 0) {
                        LockSupport.parkNanos(pauseNanos);
                    }
                }
            } catch (StreamClosedException ended) {
                // Its outcome says how.
            } finally {
                over();
            }
        }

        private synchronized void take(Element element, long now) {
            taken++;
            if (wrong == null && (element.run() != run || element.number() != taken)) {
                wrong = element + " instead of number " + taken;
            }
            latencies.add(now - element.due());
            box.write(run, taken);
            notifyAll();
        }

        private synchronized void over() {
            over = true;
            notifyAll();
        }

        /** Waits until so many more have been taken; false if the stream ends before. */
        synchronized Boolean awaitTaken(long more) throws InterruptedException {
            long wanted = taken + more;
            while (taken < wanted && !over) {
                wait();
            }
            return taken >= wanted;
        }

        Boolean awaitEnd() throws Exception {
            source.outcome().get();
            stopped.get();
            read.get();
            return true;
        }

        synchronized Reports.OfConsumer report() {
            return new Reports.OfConsumer(
                    Reports.End.of(source.outcome(), endedAt),
                    taken,
                    wrong,
                    Reports.Ledger.of(source.ledger()),
                    copy(undelivered));
        }

        /** Since it was asked last. */
        synchronized Reports.Latency latency() {
            long[] sorted =
                    latencies.stream().mapToLong(Long::longValue).sorted().toArray();
            latencies.clear();
            return sorted.length == 0
                    ? new Reports.Latency(0, 0, 0, 0)
                    : new Reports.Latency(
                            sorted.length,
                            sorted[sorted.length / 2],
                            sorted[sorted.length * 99 / 100],
                            sorted[sorted.length - 1]);
        }
    }

    /** An actor of another node, found and watched. */
    private final class Meeting {
        private final ActorRef<Element> other;
        private final AtomicInteger terminations = new AtomicInteger();

        Meeting(String node) throws Exception {
            other = find(nodeKey(node));
            system.spawn(
                    Behaviors.<Object>setup(context -> {
                        context.watch(other);
                        return Behaviors.receive((same, message) -> Behaviors.same(), (same, signal) -> {
                            if (signal instanceof Terminated) {
                                terminations.incrementAndGet();
                            }
                            return Behaviors.same();
                        });
                    }),
                    "watcher-" + System.nanoTime());
        }

        Reports.Met report() {
            return new Reports.Met(terminations.get(), other.tell(new Element(0, 0, 0)));
        }
    }

    private static List<Long> copy(List<Long> numbers) {
        synchronized (numbers) {
            return new ArrayList<>(numbers);
        }
    }
}
