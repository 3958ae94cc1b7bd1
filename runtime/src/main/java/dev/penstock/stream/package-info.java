/**
 * A demand-gated stream between two actors.
 *
 * <h2>An element's walk</h2>
 *
 * <p>Through six rooms, each a file whose comment names its number:
 *
 * <pre>
 *  put ─▶ SinkRef ─▶ SinkBuffer ─▶ StreamProducer ─▶ StreamConsumer ─▶ SourceRing ─▶ SourceRef ─▶ next
 *        ╰─ putting thread ─╯   ╰──── turns of the two actors ────╯   ╰─ iterating thread ─╯
 *                  ◀─ room                       ◀─ demand                ◀─ taken
 * </pre>
 *
 * <ol>
 *   <li>{@link dev.penstock.stream.SinkRef}: a thread puts an element in. If the sink is full, {@code put} waits.
 *   <li>{@code SinkBuffer}: the bounded ring. The put claims a slot and stores the element; then it looks at the
 *       {@code Doorbell}, and rings if the producer waits for input.
 *   <li>{@link dev.penstock.stream.StreamProducer}: takes a run of elements out, no more than there is demand, and sends
 *       them. The room goes back to the putting thread.
 *   <li>{@link dev.penstock.stream.StreamConsumer}: receives the run and lays it into the source ring.
 *   <li>{@code SourceRing}: the elements in flight, as many as the window has at most.
 *   <li>{@link dev.penstock.stream.SourceRef}: a thread iterates. What it has taken becomes new demand, when it comes back
 *       for more, or when a put finds its sink full.
 * </ol>
 *
 * <p>Beside the path: {@code Inputs} lists a producer's sinks and knows whose turn it is; {@code StreamEnd} decides once
 * how the stream ended; {@code StreamBooks} counts where the elements are.
 *
 * <h2>Who runs the actors' part</h2>
 *
 * <p>The consumer is spawned {@linkplain dev.penstock.actor.Behaviors#alongside alongside} the producer: they share a
 * {@link dev.penstock.actor.Lane}, so one calls the other instead of sending a message for each element. And the lane may
 * be taken by the iterating thread: when it finds its ring empty, it enters, requests what it took, and moves the next run
 * over by itself. While it keeps coming, nobody else is woken at all. Only before it sleeps does it arm the doorbell; then
 * the next put wakes it. When no thread iterates, the doorbell calls the producer ({@code InputReady}), whose turn on a
 * dispatcher does the same work.
 *
 * <p>A consumer on a lane or a dispatcher of its own, or of another system, or a user's own actor that subscribes, gets the
 * same protocol as messages: {@link dev.penstock.stream.StreamElement} one each,
 * {@link dev.penstock.stream.StreamDemand} back, by halves of the window.
 *
 * <p>A link to another node stands in for the actor of the other side, on both nodes, with its own thread. On the producer's
 * ({@link dev.penstock.stream.RemoteSubscriber}) it does what an iterating thread does: takes the lane, fetches a run, arms
 * the doorbell. On the consumer's ({@link dev.penstock.stream.RemoteProducer}) it lays elements into the source ring, as
 * its only writer; and the iterating thread takes the lane to request what it took. The actors are left with the beginning and
 * the end.
 *
 * <h2>Invariants</h2>
 *
 * <ol>
 *   <li>Sent ≤ requested; {@code demand + sent = requested}.
 *   <li>A consumer's requests ≤ taken + window, and what others request in its name is not sent beyond it: in flight ≤
 *       window ({@code initialDemand}); in a sink ≤ {@code bufferSize}. Both exactly: what a stream with one sink holds is at most their sum. {@code Push} and each further sink have a buffer
 *       of their own of that size.
 *   <li>Before the iterating thread sleeps, all that it took has been requested anew. And if a put waits because nothing is
 *       requested, so has each take, at once: a stream that is full admits one element for each that is taken (but for subscribers
 *       of another system or of the user's own, which request as they like).
 *   <li>An element claimed before a sink's closed bit was set is sent, or handed to {@code onUndelivered}; one that comes
 *       after it was never accepted.
 *   <li>An element leaves the source ring by an atomic exchange: to the iterator, or to {@code onUndelivered}, not to both.
 *   <li>The end is decided by one compare-and-set, for both ends; a reader that looks after it gets no element but the one
 *       that {@code hasNext} has promised it.
 *   <li>Every sleeper has a waker: a full sink's putter, by whoever takes from it or closes it; the iterating thread, by
 *       whoever brings an element or an end, or by the put that rings. Each side writes its own mark, fences, and then
 *       reads the other's.
 * </ol>
 *
 * <p>The end comes in one of two ways. In order: {@code complete} and {@code fail} close the sinks, and the end is decided
 * when the last element before them has been taken; across nodes each has an end of its own, and that of the producer is
 * decided when the other node has the completion. At once: a cancellation, a timeout, a lost actor, a broken protocol;
 * then what was buffered or in flight is undelivered.
 */
package dev.penstock.stream;
