package dev.penstock.stream;

import dev.penstock.actor.ActorRef;

/**
 * A message that has an actor look at something in a turn; while one is on its way, no other is sent.
 *
 * <p>A turn takes the mark back before it looks. So what whoever calls has published before the call, and fenced, is found: by
 * the turn of this message, or by that of the message that the mark stands for, which has yet to take it back. If the
 * message could not be told, for want of memory maybe, the mark is taken back with the error; who found it set in
 * that moment is served by the next call.
 */
final class Call<M> {

    private final ActorRef<M> actor;
    private final M message;
    // written: whoever calls, true, and false if that failed, and the actor's turn, false, volatile
    // read: whoever would call
    private volatile boolean onItsWay;

    Call(ActorRef<M> actor, M message) {
        this.actor = actor;
        this.message = message;
    }

    /** Has the actor look, at what was there before this and a full fence. Any thread. */
    void make() {
        if (!onItsWay) {
            onItsWay = true;
            boolean told = false;
            try {
                told = actor.tell(message);
            } finally {
                if (!told) {
                    onItsWay = false;
                }
            }
        }
    }

    /** The actor's turn is about to look: who calls after this wants another one. */
    void heard() {
        onItsWay = false;
    }
}
