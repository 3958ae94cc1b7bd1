/**
 * Proof, in layers, each with a tool that sees what the other cannot.
 *
 * <ol>
 *   <li>jcstress runs the lock-free steps of the real classes on real cores: memory order, lost wake-ups.
 *   <li>Lincheck explores interleavings of the small real classes, with memory that is sequentially consistent, and holds what
 *       they answer against specifications.
 *   <li>Spin explores a model of the whole protocol, with every park in it; its memory is sequentially consistent.
 *   <li>The simulation runs systems of streams on one thread in random schedules, whole turns at a time, in virtual time.
 *   <li>The soak runs them on real threads while everything goes wrong, and looks for what is left behind.
 * </ol>
 *
 * <p>jcstress tests live in the package of the class that they test, for they call what is not public.
 */
package dev.penstock.stress;
