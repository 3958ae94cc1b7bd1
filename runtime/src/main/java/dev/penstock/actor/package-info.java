/**
 * Actors: how anything runs.
 *
 * <h2>The life of a message</h2>
 *
 * <pre>
 *  any thread                     a dispatcher's thread
 *  ActorRef.tell ──▶ Inbox ──▶ Mailbox ──▶ Lane ──▶ ActorCell ──▶ Behavior
 *                    (or refused)  (queues)  (one turn at a time)  (next behavior)
 * </pre>
 *
 * <p>{@link dev.penstock.actor.ActorRef#tell tell} goes through the actor's {@code Inbox}, which refuses the message if the
 * actor has ended or its mailbox is full; or else offers it to the mailbox and, if the actor's
 * {@link dev.penstock.actor.Lane} is idle, hands the lane to the {@link dev.penstock.actor.Dispatcher}. A dispatcher's
 * thread runs the lane's turn: control messages first, then a bounded number of data messages, one at a time, to the
 * current {@link dev.penstock.actor.Behavior}, which answers with the next one. A message that no actor will process
 * becomes a {@link dev.penstock.actor.DeadLetter}: published, counted, logged, never dropped in silence.
 *
 * <h2>Words</h2>
 *
 * <dl>
 *   <dt>lane
 *   <dd>one state word (idle, queued, running) and the actors that it serialises: one, unless an actor was spawned
 *       {@linkplain dev.penstock.actor.Behaviors#alongside alongside} another
 *   <dt>turn
 *   <dd>one run of a lane, by whichever thread has it
 *   <dt>throughput
 *   <dd>how many data messages an actor may process in one turn
 *   <dt>control lane
 *   <dd>the part of a mailbox that is read first and never full: the runtime's own messages and
 *       {@link dev.penstock.actor.ControlMessage}s
 *   <dt>dispatcher
 *   <dd>what runs turns: shared threads, a thread each, the caller's thread, virtual threads, an executor
 *   <dt>wait strategy
 *   <dd>what a thread does when it must wait: spin, yield, park
 * </dl>
 *
 * <h2>How shared fields are commented</h2>
 *
 * <p>Each says who writes it, in which mode, and who reads it. Modes are those of {@link java.lang.invoke.VarHandle}:
 * plain, opaque, release and acquire, volatile. A field without such a comment belongs to one thread at a time, most often
 * the one that has the lane; handing the lane over orders its accesses.
 *
 * <p>Four invariants are kept throughout: going idle is an atomic read-modify-write, after which the mailbox is asked
 * {@code isEmpty}, by its indices; whoever sleeps says so first, fences, and looks once more; a lane has at most one turn
 * in its dispatcher's hands; a message that a mailbox accepted is processed, handed to the actor's handler of unprocessed
 * messages, or a dead letter, exactly one of these.
 *
 * <p>Time, sleep, threads and randomness come in through {@link dev.penstock.actor.Clock},
 * {@link dev.penstock.actor.Parker}, {@link dev.penstock.actor.Dispatcher} and a random generator, all set on
 * {@link dev.penstock.actor.ActorSystem.Builder}; so a simulation can run the same actors on one thread from a seed.
 */
package dev.penstock.actor;
