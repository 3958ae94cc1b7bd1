/**
 * Proof by exploring interleavings, in layers, each with a tool that sees what the other cannot.
 *
 * <ol>
 *   <li>jcstress runs the lock-free steps of the real classes on real cores: memory order, lost wake-ups.
 *   <li>Spin explores a model of the whole protocol, with every park in it; its memory is sequentially consistent.
 * </ol>
 *
 * <p>jcstress tests live in the package of the class that they test, for they call what is not public.
 */
package dev.penstock.stress;
