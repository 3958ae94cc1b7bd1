/*
 * The stream protocol, for Spin: one sink, one reader, both actors on one lane.
 *
 * It stands for the code named beside each part; when one is changed, so is the other. Memory is sequentially consistent: that
 * the code's fences make it so is for jcstress to show. Left out: further sinks and Push, actors on lanes of their own, how
 * long a wait spins before it parks, an element taken without hasNext (SourceLincheck has it), and whatever an actor does after it has
 * ended its part of the stream.
 *
 * Given on Spin's command line: BUFFER, WINDOW, ELEMENTS, and one of these, or none:
 *
 * AWAY       the reader, once it has taken an element or given up waiting, does nothing until the stream is full
 * CANCEL     the reader leaves at any time, also while it holds an element
 * FAIL       the writer fails the stream instead of completing it
 * INTERRUPT  the writer is interrupted, once, at any time
 * NO_END     the writer leaves the stream open: no end comes to the rescue of one that an element should have woken
 * ONE_TAKE   the reader takes an element only when the stream is full, and does nothing until the next put has come through
 * STOP       a third party cancels the producer, at any time
 *
 * BUG_... plants a bug.
 *
 * Checked: sent <= requested, and demand + sent == requested; what is in a sink or in flight never exceeds its bound; each
 * accepted element is delivered or undelivered, once, and delivered ones in order; nobody sleeps for ever, and no message lies
 * in a mailbox for ever; one thread has the lane; one outcome, the right one.
 *
 * A step is an atomic sequence: one access to shared memory, and what belongs to its thread alone. Where it holds two accesses,
 * or one less than the code, no other thread can tell, for one of these reasons:
 *
 * own       What only the holder of the lane touches, or only the reader, or only the putter, is its own. So are the mailboxes
 *           the holder's, in part: an offer by it is seen by nobody before it leaves, and the schedule() after it does nothing.
 * stable    What was seen stays so until this thread changes it: an end or a closed bit that is set, a stored element for the
 *           taker, a sink that is not empty for the taker, the tail of a closed sink. It might as well have been seen later,
 *           together with the next access.
 * monotone  Several looks that must all be in vain: what the later ones look at changes in one direction only, so at the moment
 *           of the first all were in vain. If one is not, its moment is that of the step.
 * failing   A compare-and-set that fails, because of a change after the look that led to it, is a look after that change.
 * hint      A look that is not made: the step goes either way. This adds runs that the code does not have, and takes none away.
 * wake      A look at who sleeps, and the unpark after it. A late unpark is an early one of a thread that goes on late, or is
 *           one too many: the sleeper looks again at everything.
 */

#ifndef BUFFER
#define BUFFER 1
#endif
#ifndef WINDOW
#define WINDOW 1
#endif
#ifndef ELEMENTS
#define ELEMENTS 2
#endif

#define OPEN 0
#define COMPLETED 1
#define FAILED 2
#define CANCELLED 3

#define QUIET 0
#define WHEN_FULL 1
#define ON_TAKE 2
#define ARMED 3

#ifdef FAIL
#define HOW FAILED
#else
#define HOW COMPLETED
#endif

/* An element is its number, in the order of the puts, from 1; an empty slot is 0. */

/* SinkBuffer: the claim word is tail and closed; an element is claimed, then stored. */
byte tail, head;
bool closed;
byte sink[BUFFER];
#define SINK(index) sink[(index) % BUFFER]

/* SourceRing: an element leaves its slot by an exchange. */
byte inRing, taken;
byte ring[WINDOW];
#define RING(index) ring[(index) % WINDOW]

/* StreamProducer and StreamConsumer: the holder of the lane only. What was sent is head. */
bool subscribed;
byte demand, requested = WINDOW;
byte inputEnd; /* Inputs.end */
bool stopped;  /* StreamProducer.stopped */
bool consumerLeft;

byte announced; /* StreamConsumer.inputEnd: the holder of the lane writes it, once */
byte closing;   /* SinkRef.closing */
byte end;       /* StreamEnd.state */
byte bell;      /* Doorbell.state */
bool rung;      /* Call.onItsWay, of the producer (Doorbell.call) */
bool called;    /* Call.onItsWay, of the consumer (StreamConsumer.call) */

/* Sleep. A permit is LockSupport's. */
bool waiter, putPermit;
bool sleeper, readPermit;
bool watched; /* StreamConsumer.watched */

/* Lane: the word's two bits. Queued: a turn is in the dispatcher's hands. */
bool running, queued = true;

/* Mailboxes: at least one such message waits. The first turn is that of Subscribe. */
bool inputReady = true;
#ifdef STOP
bool cancelProducer = true;
#else
bool cancelProducer;
#endif
bool callForVisit, cancelConsumer;

/* For the checks at the end. */
byte undelivered;

/* Mailbox.isEmpty, asked by Lane.hasWork */
#define hasWork (inputReady || cancelProducer || callForVisit || cancelConsumer)

/* Lane.schedule, after the offer (failing) */
inline schedule() {
    atomic {
        if
        :: !running && !queued -> queued = true
        :: else
        fi
    }
}

/*
 * Lane.leave: an atomic and; then a look, and a compare-and-set. Its looks at several mailboxes are one: whoever offers to one
 * that was looked at already finds the lane idle, and schedules.
 */
inline leave() {
    if
    :: atomic { queued -> running = false }
    :: atomic { !queued -> running = false };
#ifndef BUG_LEAVE_WITHOUT_LOOK
        if
        :: atomic { hasWork };
            schedule()
        :: atomic { !hasWork }
        fi
#endif
    fi
}

/* SinkRef.roomMade (wake) */
inline wakePutter() {
#ifdef BUG_ROOM_WAKES_NOBODY
    skip
#else
    atomic {
        if
        :: waiter -> putPermit = true
        :: else
        fi
    }
#endif
}

/* StreamConsumer.wakeReader (wake) */
inline wakeReader() {
#ifdef BUG_NOBODY_WAKES_READER
    skip
#else
    atomic {
        if
        :: sleeper -> readPermit = true
        :: else
        fi
    }
#endif
}

/* SinkRef.closeInput: the first closer's end, the closed bit by everyone (stable), then the putter */
inline closeInput(how) {
    if
    :: atomic { closing == OPEN -> closing = how };
        closed = true;
#ifndef BUG_CLOSE_WAKES_NOBODY
        wakePutter()
#endif
    :: atomic { closing != OPEN -> closed = true }
    fi
}

/* What the reader has taken and nobody has requested. */
#define newDemand (taken + WINDOW - requested)

/* StreamConsumer.newDemand and StreamProducer.request */
inline request() {
    demand = demand + newDemand;
    requested = taken + WINDOW
}

#define gone (stopped || !subscribed || end != OPEN)
#ifdef BUG_END_OVERTAKES
#define allSent (inputEnd != OPEN && (demand == 0 || SINK(head) == 0))
#else
#define allSent (inputEnd != OPEN && head == tail)
#endif

/* One element goes over (stable). */
inline moveOne() {
    atomic { demand > inRing - head && SINK(inRing) != 0 ->
        assert(inRing - taken < WINDOW);
        assert(RING(inRing) == 0);
        RING(inRing) = SINK(inRing);
        SINK(inRing) = 0;
        inRing++
    }
}

/* After the end was announced: StreamEnd.decide in a turn, and the listeners; the sinks are closed by now. */
inline sendEnd(inTurn) {
    if
#ifdef BUG_DECIDED_BY_LOOK
    :: atomic { inTurn && inRing == taken && end == OPEN };
        atomic { assert(end == OPEN); end = inputEnd };
#else
    :: atomic { inTurn && inRing == taken && end == OPEN -> end = inputEnd }; /* stable, failing */
#endif
        wakeReader()
    :: atomic { !(inTurn && inRing == taken && end == OPEN) }
    fi;
    wakeReader()
}

/*
 * StreamProducer.drain, sendRun, findsDemand, sendEnd; SinkBuffer.moveTo; Inputs.lookForEnd; Doorbell.arm;
 * StreamConsumer.onInputEnd. By the holder of the lane. What may be sent is the demand: that the window is left for it is
 * asserted. How long a run is, is a hint: the rest is the next run.
 */
inline drain(armBell, inTurn) {
    do
    :: atomic { gone -> break }
    :: atomic { !gone }
        if
        :: moveOne();
            do
            :: moveOne()
            :: atomic {
#ifndef BUG_CREDIT_LEAKS
                    demand = demand - (inRing - head);
#endif
                    head = inRing;
                    sentSome = true;
                    assert(head <= requested);
                    assert(demand + head == requested);
                    break
                }
            od
        :: atomic { allSent -> stopped = true; announced = inputEnd }; /* stable */
            sendEnd(inTurn);
            break
        :: atomic { demand == 0 && !allSent && sentSome ->
#ifndef BUG_SENT_ALL_IN_SILENCE
                bell = WHEN_FULL;
#endif
                break
            }
        :: atomic { demand == 0 && !allSent && !sentSome && newDemand > 0 -> request() }
#ifdef BUG_NO_RING_ON_TAKE
        :: atomic { demand == 0 && !allSent && !sentSome && newDemand == 0 -> break }
#else
        :: atomic { demand == 0 && !allSent && !sentSome -> bell = ON_TAKE }; /* hint: the look before */
#ifdef BUG_ON_TAKE_WITHOUT_LOOK
            break
#else
            if
            :: atomic { newDemand > 0 -> request() }
            :: atomic { newDemand == 0 -> break }
            fi
#endif
#endif
        /* hint, that nothing is stored; stable, that it is closing */
        :: atomic { demand > 0 && inputEnd == OPEN && closing != OPEN -> inputEnd = closing; closed = true }
        /* monotone: not stored, and not closing */
        :: atomic { demand > 0 && !allSent && SINK(head) == 0 && (inputEnd != OPEN || closing == OPEN) };
            if
            :: atomic { !(armBell) -> bell = WHEN_FULL; break }
            :: atomic { armBell && watched };
                bell = WHEN_FULL; /* Doorbell.leave */
#ifdef BUG_LEFT_WITHOUT_LOOK
                break
#else
                if
                :: atomic { head == tail -> break }
                :: atomic { head != tail -> /* as below */
                        if
                        :: !rung -> rung = true; inputReady = true; break
                        :: rung -> break
                        :: true
                        fi
                    }
                fi
#endif
            /* Two accesses: between them the reader can only say that it looks, which it may as well say after both. */
            :: atomic { armBell && !watched -> bell = ARMED };
#ifdef BUG_ARMED_WITHOUT_LOOK
                break
#else
                if
                :: atomic { head == tail -> break }
                :: atomic { head != tail -> /* stable; whether it gives up now, for another turn, is a hint */
                        if
                        :: bell == ARMED -> bell = QUIET
                        :: else
                        fi;
                        if
                        :: !rung -> rung = true; inputReady = true; break /* Call.make, own */
                        :: rung -> break
                        :: true
                        fi
                    }
                fi
#endif
            fi
        fi
    od
}

/*
 * Doorbell.ring, after the bell was taken down: whoever did it calls, the reader if it sleeps, else the producer (wake). Of two
 * who find that no call is on its way both call: that is a message too many in the code, and none here.
 */
inline ringing() {
#ifdef BUG_BELL_RINGS_NOBODY
    skip
#else
    if
    :: atomic { sleeper -> readPermit = true }
    :: atomic { !sleeper };
        if
        :: atomic { !rung -> rung = true };
            inputReady = true;
            schedule()
        :: atomic { rung }
        fi
    fi
#endif
}

/* StreamConsumer.leave, after the end was decided; SourceRing.clear. The reader may be at the next slot, at no other. */
inline consumerLeaves() {
    atomic {
        if
        :: !consumerLeft ->
            consumerLeft = true;
            cancelProducer = cancelProducer || announced == OPEN;
            at = taken;
            do
            :: at < inRing ->
                if
                :: RING(at) != 0 ->
                    RING(at) = 0;
#ifndef BUG_IN_FLIGHT_FORGOTTEN
                    undelivered++
#endif
                :: else
                fi;
                at++
            :: else -> break
            od;
            at = 0
        :: else
        fi
    }
}

/* StreamProducer.endEarly; Inputs.abandon, which waits for a claimed element (stable). The consumer hears of the stop. */
inline endEarly() {
    if
    :: atomic { end == OPEN -> end = CANCELLED };
        wakeReader()
    :: atomic { end != OPEN }
    fi;
    closeInput(CANCELLED);
#ifdef BUG_HALF_STORED_LOST
    atomic {
#else
    atomic { head == tail || SINK(tail - 1) != 0 ->
#endif
        do
        :: head < tail ->
            if
            :: SINK(head) != 0 -> SINK(head) = 0; undelivered++
            :: else
            fi;
            head++
        :: else -> break
        od;
        cancelConsumer = cancelConsumer || !consumerLeft
    }
}

/* When nothing can move any more. Who is neither done nor asleep in an open stream is an invalid end state to Spin. */
inline checkTheEnd() {
    assert(!running && !queued && !hasWork);
    assert(taken + undelivered == tail);
#ifdef NO_END
    assert(end == OPEN);
#else
    assert(end != OPEN);
#endif
#if !defined(CANCEL) && !defined(STOP)
#ifndef INTERRUPT
    assert(tail == ELEMENTS);
#endif
    assert(end != CANCELLED);
#endif
    assert(end == OPEN || end == HOW || end == CANCELLED);
    assert(end == CANCELLED || undelivered == 0)
}

/*
 * Lane.run. A turn hears one message, of StreamProducer.onMessage or StreamConsumer.onMessage: one that hears several is as
 * many turns that nobody came between. Which is heard first is a hint.
 */
active proctype Dispatcher() {
    bool sentSome;
    byte at;
end_idle:
    do
#ifdef BUG_TURN_IGNORES_VISITOR
    :: atomic { queued -> assert(!running); queued = false; running = true };
#else
    :: atomic { queued && running -> queued = false }
    :: atomic { queued && !running -> queued = false; running = true };
#endif
        if
        :: atomic { inputReady -> inputReady = false };
#ifndef BUG_RING_HEARD_LATE
            rung = false; /* Call.heard */
#endif
            atomic { /* onSubscribe, or lookAtSinks (stable) */
                if
                :: !subscribed -> subscribed = true; demand = WINDOW
                :: subscribed && !stopped && inputEnd == OPEN && closing != OPEN -> inputEnd = closing; closed = true
                :: else
                fi
            };
            drain(true, true);
#ifdef BUG_RING_HEARD_LATE
            rung = false;
#endif
            if
            :: atomic { sentSome -> sentSome = false };
#ifndef BUG_TURN_WAKES_NO_PUTTER
                wakePutter();
#endif
#ifndef BUG_TURN_WAKES_NO_READER
                wakeReader()
#endif
            :: atomic { !sentSome }
            fi
        :: atomic { callForVisit && !consumerLeft -> callForVisit = false };
#ifndef BUG_CALL_HEARD_LATE
            called = false;
#endif
            atomic { request() };
            drain(true, true);
#ifdef BUG_CALL_HEARD_LATE
            called = false;
#endif
            sentSome = false;
            wakePutter();
            wakeReader();
            if
            :: end != OPEN -> consumerLeaves()
            :: end == OPEN
            fi
        :: atomic { callForVisit && consumerLeft -> callForVisit = false }
        :: atomic { cancelConsumer -> cancelConsumer = false };
            consumerLeaves()
        :: atomic { cancelProducer && stopped -> cancelProducer = false }
        :: atomic { cancelProducer && !stopped -> cancelProducer = false; stopped = true };
            endEarly()
        :: else
        fi;
        leave()
    :: atomic { timeout -> checkTheEnd(); break }
    od
}

/* SinkBuffer.offer, Doorbell.afterPut; SinkRef.await and park, Doorbell.whenFull; then complete or fail. */
#ifdef BUG_CLOSED_SEEN_LATE
#define seenClosed sawClosed
#else
#define seenClosed closed
#endif
#define noMore (gaveUp || tail == ELEMENTS || seenClosed)

active proctype Putter() {
    byte seen;
    bool gaveUp, sawClosed;
#ifdef INTERRUPT
    bool interruptible = true, interrupted;
#endif
    do
    ::
#ifdef BUG_CLOSED_SEEN_LATE
        sawClosed = closed;
#endif
        if
        :: atomic { !noMore && tail - head < BUFFER -> tail++; assert(tail - head <= BUFFER) }; /* failing */
            atomic { assert(SINK(tail - 1) == 0); SINK(tail - 1) = tail };
#ifndef BUG_PUT_FORGETS_BELL
            if
            :: atomic { bell == ARMED -> bell = QUIET }; /* failing */
                ringing()
            :: atomic { bell != ARMED }
            fi
#endif
        :: atomic { !noMore && tail - head >= BUFFER }; /* monotone */
            if
#ifdef INTERRUPT
            :: atomic { interrupted || interruptible -> gaveUp = true }
            :: atomic { !interrupted -> waiter = true };
#else
            :: waiter = true;
#endif
#ifndef BUG_FULL_SINK_IS_QUIET
                if
                :: atomic { bell == WHEN_FULL || bell == ARMED -> seen = bell };
                    if
                    :: atomic { bell == seen -> bell = QUIET; seen = 0 };
                        ringing()
                    :: atomic { bell != seen -> seen = 0 }
                    fi
                :: atomic { bell == QUIET || bell == ON_TAKE }
                fi;
#endif
                if
#ifdef BUG_PUT_PARKS_WITHOUT_LOOK
                :: true;
#else
                :: atomic { tail - head < BUFFER || closed } /* monotone */
                :: atomic { tail - head >= BUFFER && !closed }; /* monotone */
#endif
                    if
                    :: atomic { putPermit -> putPermit = false }
#ifdef INTERRUPT
                    :: atomic { interruptible -> interruptible = false; interrupted = true }
#endif
                    fi
                fi;
                waiter = false
            :: true; /* spins, for ever: Doorbell.whenFullAndUnwatched */
                if
                :: atomic { tail - head < BUFFER || closed } /* monotone */
                :: atomic { !watched && (bell == WHEN_FULL || bell == ARMED) -> bell = QUIET }; /* failing */
                    ringing()
#ifdef INTERRUPT
                :: atomic { interrupted || interruptible -> gaveUp = true }
#endif
                fi
            fi
#ifdef NO_END
        :: atomic { noMore -> break }
#else
        /* SinkRef.close: every closer calls the producer; the putter is the only one here that has not ended the stream */
        :: atomic { noMore && closing == OPEN -> closing = HOW };
            closed = true;
#ifndef BUG_COMPLETE_TELLS_NOBODY
            if
            :: atomic { !rung -> rung = true };
                inputReady = true;
                schedule()
            :: atomic { rung }
            fi;
#endif
            break
        :: atomic { noMore && closing != OPEN -> closed = true; break } /* stable */
#endif
        fi
    od
}

/* StreamConsumer.visit: tryEnter, newDemand; drain; leave; then the putters */
inline visit(armBell) {
    atomic { !running -> running = true; request() };
    drain(armBell, false);
    sentSome = false;
    leave();
#ifndef BUG_VISIT_WAKES_NO_PUTTER
    wakePutter()
#endif
}

/* StreamConsumer.callForVisit. The reader alone sets and reads the mark; a turn takes it back, after it took the message. */
inline call() {
#ifdef BUG_CALL_NOT_SENT
    skip
#else
    if
    :: atomic { !called -> called = true; callForVisit = true };
        schedule()
    :: atomic { called }
    fi
#endif
}

/* SourceRef.take; with CANCEL, close while an element is held */
inline take() {
    if
#ifdef BUG_COUNTED_AFTER_LOOK
    :: atomic { bell == ON_TAKE -> bell = QUIET };
        count();
        call()
    :: atomic { bell != ON_TAKE };
        count()
#else
    :: count();
        if
        :: atomic { bell == ON_TAKE -> bell = QUIET }; /* failing */
#ifndef BUG_TAKE_CALLS_NOBODY
            call()
#endif
        :: atomic { bell != ON_TAKE }
        fi
#endif
#ifdef CANCEL
    :: atomic { end == OPEN -> end = CANCELLED; undelivered++; held = 0 };
        closeInput(CANCELLED);
        break
    :: atomic { end != OPEN -> undelivered++; held = 0; break }
#endif
    fi
}

/* SourceRing.take */
inline count() {
    atomic {
        assert(held == taken + 1);
        held = 0;
        taken++
    }
}

/* When the reader does anything at all. */
#ifdef ONE_TAKE
#define looks (tail - taken == BUFFER + WINDOW || tail == ELEMENTS)
#else
#define looks true
#endif

#ifdef AWAY
/* A put that there is room for must not need the reader. */
#define staysAway (tail - taken == BUFFER + WINDOW || tail == ELEMENTS || end != OPEN)
#endif

/* SourceRef.awaitNext, await, park; close. Whether it fetches before it parks, as fetch() finds, is a hint. */
active proctype Reader() {
    byte held;
    bool sentSome;
    do
    /* isReady and await; SourceRef.taken, which decides an end right after the last element, is a look that comes at once */
    :: atomic { end != OPEN -> break }
#ifdef CANCEL
    :: atomic { end == OPEN -> end = CANCELLED }; /* hint: that it was not announced and drained */
        closeInput(CANCELLED);
        break
#endif
    :: atomic { end == OPEN && (looks || watched) };
        if
#ifdef BUG_HOLD_BY_LOOK
        :: atomic { RING(taken) != 0 -> held = RING(taken) };
            RING(taken) = 0;
#else
        :: atomic { RING(taken) != 0 -> held = RING(taken); RING(taken) = 0 }; /* hold, failing */
#endif
#ifndef BUG_LEAVES_WATCHED
            if
            :: atomic { watched -> watched = false }
            :: atomic { !watched }
            fi;
#endif
            take();
#ifdef AWAY
            staysAway
#endif
        :: atomic { announced != OPEN && inRing == taken -> /* stable; the listeners find the sinks closed */
                if
                :: end == OPEN -> end = announced
                :: else
                fi
            }
        :: atomic { announced != OPEN && inRing != taken && RING(taken) == 0 } /* cleared */
        :: atomic { announced == OPEN && RING(taken) == 0 }; /* monotone */
            if
            :: visit(false)
            :: atomic { !watched -> watched = true } /* spins, and looks again */
#ifdef AWAY
            /* SourceRef.poll, its time over or interrupted: its last visit finds the lane taken, or is not made */
            :: atomic { watched = false };
                staysAway
#endif
            ::
#ifndef BUG_STILL_WATCHED
                if
                :: atomic { watched -> watched = false }
                :: atomic { !watched }
                fi;
#endif
#ifdef BUG_READER_SAYS_SO_LATE
                skip;
#else
                sleeper = true;
#endif
                if
#ifdef BUG_READER_ARMS_NO_BELL
                :: visit(false)
#else
                :: visit(true)
#endif
                :: atomic { running }; call()
                fi;
                if
                :: atomic { RING(taken) != 0 || end != OPEN || announced != OPEN } /* monotone */
                :: atomic { RING(taken) == 0 && end == OPEN && announced == OPEN }; /* monotone */
#ifdef BUG_READER_SAYS_SO_LATE
                    sleeper = true;
#endif
#ifdef NO_END
end_asleep:
#endif
                    atomic { readPermit -> readPermit = false }
                fi;
                sleeper = false;
                if
                :: visit(false)
                :: atomic { running }; call()
                fi
            fi
        fi
    od;
    /* left */
#ifndef BUG_CLOSE_TELLS_NOBODY
    cancelConsumer = true;
    schedule()
#endif
}
