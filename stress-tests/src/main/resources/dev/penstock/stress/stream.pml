/*
 * The stream protocol, for Spin: one sink, one reader, both actors on one lane.
 *
 * It stands for the code named beside each part; when one is changed, so is the other. A step here is one access to shared
 * memory, or a few that no other thread can tell apart. Memory is sequentially consistent: that the code's fences make it so
 * is for jcstress to show.
 *
 * Given on Spin's command line: BUFFER, WINDOW, ELEMENTS; CANCEL lets the reader leave after any element; FAIL has the writer
 * fail the stream instead of completing it; NO_END has it do neither, so that no end comes to the rescue of one who should
 * have been woken by an element; INTERRUPT lets a waiting put be interrupted once. BUG_... plants a bug.
 *
 * Each element is its number, in the order of the puts. Checked: sent <= requested, and demand + sent == requested; what is in
 * a sink or in flight never exceeds its bound; each accepted element is delivered or undelivered, once, and delivered ones in
 * order; nobody sleeps for ever (the monitor's timeout); one outcome.
 */

#ifndef BUFFER
#define BUFFER 1
#endif
#ifndef WINDOW
#define WINDOW 1
#endif
#ifndef ELEMENTS
#define ELEMENTS 3
#endif

#define DELIVERED 1
#define UNDELIVERED 2

#define OPEN 0
#define COMPLETED 1
#define FAILED 2
#define CANCELLED 3

#define QUIET 0
#define WHEN_FULL 1
#define ARMED 2

/* SinkBuffer: the claim word is tail and closed; an element is claimed, then stored. */
byte tail, head;
bool closed;
bool stored[ELEMENTS];

/* SourceRing: slots head..tail of it are taken..inRing here; an element leaves its slot by an exchange. */
byte inRing, taken;
bool slot[ELEMENTS];
byte gone[ELEMENTS];

/* StreamProducer and StreamConsumer: the holder of the lane only. */
byte demand, sent, requested;
byte inputEnd;        /* Inputs.end */
bool stopped;         /* StreamProducer.stopped */
bool consumerLeft;
byte announced;       /* StreamConsumer.inputEnd: volatile */

byte closing;         /* SinkRef.closing */
byte end;             /* StreamEnd.state */
byte bell = QUIET;    /* Doorbell.state */
bool called;          /* StreamConsumer.called */
bool readerLeft;      /* StreamConsumer.readerLeft */

/* Sleep. A permit is LockSupport's. */
bool waiter, putPermit;
bool sleeper, readPermit;

/* Lane: the word's two bits, and the turn in the dispatcher's hands. */
bool running, queued, turn;

/* Mailboxes: at least one such message waits. */
bool inputReady, cancelProducer;
bool callForVisit, cancelConsumer;

bool putterDone, readerDone;
byte decisions;

/* Mailbox.isEmpty, asked by Lane.hasWork */
#define hasWork (inputReady || cancelProducer || callForVisit || cancelConsumer)

/* Lane.schedule, after the offer */
inline schedule() {
    atomic {
        if
        :: !running && !queued -> queued = true; assert(!turn); turn = true
        :: else
        fi
    }
}

/* Lane.leave: an atomic and; then a look, and a compare-and-set */
inline leave() {
    if
    :: atomic { queued -> running = false }
    :: atomic { !queued -> running = false };
#ifndef BUG_LEAVE_WITHOUT_LOOK
        if
        :: hasWork -> schedule()
        :: else
        fi
#endif
        skip
    fi
}

/* SinkRef.roomMade */
inline wakePutter() {
#ifndef BUG_ROOM_WAKES_NOBODY
    if
    :: atomic { waiter -> putPermit = true }
    :: else
    fi
#else
    skip
#endif
}

/* StreamConsumer.wakeReader */
inline wakeReader() {
#ifndef BUG_NOBODY_WAKES_READER
    if
    :: atomic { sleeper -> readPermit = true }
    :: else
    fi
#else
    skip
#endif
}

/* SinkRef.closeInput: the first closer's end, the closed bit by everyone, then the putter */
inline closeInput(how) {
    if
    :: atomic { closing == OPEN -> closing = how };
        closed = true;
#ifndef BUG_CLOSE_WAKES_NOBODY
        wakePutter()
#endif
        skip
    :: closing != OPEN -> closed = true
    fi
}

/* StreamEnd.decide: one compare-and-set; then the listeners, which close the sinks and wake the reader */
inline decide(how) {
    if
#ifdef BUG_DECIDED_BY_LOOK
    :: end == OPEN -> atomic { end = how; decisions++ };
#else
    :: atomic { end == OPEN -> end = how; decisions++ };
#endif
        closeInput(how);
        wakeReader()
    :: end != OPEN
    fi
}

/* Doorbell.ring: the one who takes the bell down calls, the reader if it sleeps, else the producer */
inline ring(seen) {
    if
    :: atomic { bell == seen -> bell = QUIET };
#ifdef BUG_BELL_RINGS_NOBODY
        skip
#else
        if
        :: atomic { sleeper -> readPermit = true }
        :: atomic { !sleeper -> inputReady = true }; schedule()
        fi
#endif
    :: bell != seen
    fi
}

/* SourceRing.clear, by the consumer when it leaves */
inline clearRing() {
    at = taken;
    do
    :: at < inRing ->
        atomic {
            if
            :: slot[at] -> slot[at] = false;
#ifndef BUG_IN_FLIGHT_FORGOTTEN
                assert(gone[at] == 0); gone[at] = UNDELIVERED
#endif
            :: else
            fi;
            at++
        }
    :: else -> break
    od;
    at = 0
}

/* Inputs.abandon, by the producer when the stream is cancelled: each claimed element is waited for */
inline abandon() {
    do
    :: head < tail ->
#ifdef BUG_HALF_STORED_LOST
        if
        :: stored[head] -> assert(gone[head] == 0); gone[head] = UNDELIVERED
        :: else
        fi;
#else
        stored[head];
        atomic { assert(gone[head] == 0); gone[head] = UNDELIVERED };
#endif
        head++
    :: else -> break
    od
}

/* StreamProducer.endEarly */
inline endEarly() {
    stopped = true;
    decide(CANCELLED);
    closeInput(CANCELLED);
    abandon()
}

/* StreamConsumer.newDemand and StreamProducer.request */
inline request() {
    atomic {
        demand = demand + (taken + WINDOW - requested);
        requested = taken + WINDOW
    }
}

/* StreamProducer.drain: nothing is sent any more */
#define subscriberGone (stopped || end != OPEN)
#define windowLeft (WINDOW - (sent - taken))

#define canSend (demand > 0 && windowLeft > 0 && head < tail && stored[head])
#define waitsForInput (demand > 0 && windowLeft > 0)

/*
 * StreamProducer.drain, sendRun; SinkBuffer.moveTo; Inputs.lookForEnd; StreamConsumer.onInputEnd. By the holder of the lane.
 * That a run goes over in one step hides nothing: a putter that sees the old head is one that came before, and the reader's
 * part looks at nothing but its slots.
 */
inline drain(armBell, inTurn) {
    do
    :: subscriberGone -> break
    :: atomic { !subscriberGone && canSend ->
            do
            :: canSend ->
                slot[head] = true;
                inRing++;
                sent++;
#ifdef BUG_CREDIT_LEAKS
                if :: head != 1 -> demand-- :: else fi;
#else
                demand--;
#endif
                assert(sent <= requested);
                assert(demand + sent == requested);
                assert(inRing - taken <= WINDOW);
                head++
            :: else -> break
            od
        }
#ifdef BUG_END_OVERTAKES
    :: atomic { !subscriberGone && !canSend && inputEnd != OPEN ->
#else
    :: atomic { !subscriberGone && !canSend && inputEnd != OPEN && head == tail ->
#endif
            stopped = true;
            announced = inputEnd
        };
        if
        :: inTurn && inRing == taken -> decide(inputEnd)
        :: else
        fi;
#ifndef BUG_END_WAKES_NOBODY
        wakeReader();
#endif
        break
    :: atomic { !subscriberGone && !canSend && !(inputEnd != OPEN && head == tail) && !waitsForInput -> break }
    :: atomic { !subscriberGone && !canSend && inputEnd == OPEN && waitsForInput && closing != OPEN ->
            inputEnd = closing
        };
        closeInput(inputEnd)
    :: !subscriberGone && !canSend && inputEnd == OPEN && waitsForInput && closing == OPEN ->
        if
        :: atomic { !armBell -> bell = WHEN_FULL; break }
        :: atomic { armBell -> bell = ARMED };
#ifdef BUG_ARMED_WITHOUT_LOOK
            break
#else
            if
            :: head == tail -> break
            :: atomic { head != tail -> if :: bell == ARMED -> bell = QUIET :: else fi };
                stored[head] || subscriberGone /* claimed: it will be stored */
            fi
#endif
        fi
    :: atomic { !subscriberGone && !canSend && inputEnd != OPEN && head != tail && waitsForInput -> stored[head] }
    od
}

/* A turn: StreamProducer.onMessage, then StreamConsumer.onMessage. Lane.run: the turn begins, or finds a visitor. */
proctype Dispatcher() {
    byte at; /* of clearRing */
    byte before;
    bool mineToRun;
end_idle:
    do
    :: turn ->
        atomic {
            turn = false;
            queued = false;
#ifdef BUG_TURN_IGNORES_VISITOR
            mineToRun = true;
#else
            mineToRun = !running;
#endif
            running = true
        };
        if
        :: !mineToRun
        :: atomic { mineToRun -> mineToRun = false };
            /* the producer: control messages */
            if
            :: atomic { cancelProducer -> cancelProducer = false };
                if
                :: !stopped || end == OPEN || head < tail -> endEarly()
                :: else
                fi
            :: else
            fi;
            if
            :: atomic { inputReady -> inputReady = false; before = sent };
                if
                :: atomic { !stopped && inputEnd == OPEN && closing != OPEN && end == OPEN -> inputEnd = closing };
                    closeInput(inputEnd)
                :: else
                fi;
                drain(true, true);
                if
                :: sent != before ->
#ifndef BUG_TURN_WAKES_NO_PUTTER
                    wakePutter();
#endif
#ifndef BUG_TURN_WAKES_NO_READER
                    wakeReader()
#endif
                    skip
                :: else
                fi;
                before = 0
            :: else
            fi;
            /* the consumer */
            if
            :: atomic { callForVisit -> callForVisit = false };
#ifndef BUG_CALL_HEARD_LATE
                called = false;
#endif
                if
                :: consumerLeft || subscriberGone
                :: else ->
#ifndef BUG_TURN_REQUESTS_NOTHING
                    request();
#endif
                    drain(true, true)
                fi;
#ifdef BUG_CALL_HEARD_LATE
                called = false;
#endif
                wakePutter();
                wakeReader()
            :: else
            fi;
            if
            :: atomic { cancelConsumer -> cancelConsumer = false };
                if
                :: atomic { !consumerLeft -> consumerLeft = true };
                    if
                    :: announced != OPEN && inRing == taken -> decide(announced)
                    :: else -> decide(CANCELLED)
                    fi;
                    if
                    :: atomic { announced == OPEN -> cancelProducer = true }
                    :: else
                    fi;
                    clearRing()
                :: else
                fi
            :: else
            fi;
            leave()
        fi
    od
}

/* SinkBuffer.offer: the claim. Then store, and Doorbell.afterPut. */
inline offer() {
    atomic {
#ifdef BUG_CLOSED_SEEN_LATE
        if
        :: sawClosed -> result = 2
        :: !sawClosed && tail - head >= BUFFER -> result = 1
        :: else -> tail++; result = 0
        fi
#else
        if
        :: closed -> result = 2
        :: !closed && tail - head >= BUFFER -> result = 1
        :: else -> tail++; result = 0
        fi
#endif
    };
    if
    :: result == 0 ->
        assert(tail - head <= BUFFER);
        stored[tail - 1] = true;
#ifndef BUG_PUT_FORGETS_BELL
        if
        :: bell == ARMED -> ring(ARMED)
        :: else
        fi
#endif
        skip
    :: else
    fi
}

/* SinkRef.put, await and park, then complete or fail */
proctype Putter() {
    byte result;
    byte seen;
    bool interruptible;
#ifdef BUG_CLOSED_SEEN_LATE
    bool sawClosed;
#endif
#ifdef INTERRUPT
    interruptible = true;
#endif
    do
    :: tail < ELEMENTS && result != 2 ->
#ifdef BUG_CLOSED_SEEN_LATE
        sawClosed = closed;
#endif
        offer();
        do
        :: result == 1 ->
            waiter = true;
            seen = bell;
#ifndef BUG_FULL_SINK_IS_QUIET
            if
            :: seen != QUIET -> ring(seen)
            :: else
            fi;
#endif
            if
#ifdef BUG_PUT_PARKS_WITHOUT_LOOK
            :: true ->
#else
            :: tail - head >= BUFFER && !closed ->
#endif
                if
                :: atomic { putPermit -> putPermit = false }
                :: atomic { interruptible -> interruptible = false; waiter = false }; goto given_up
                fi
            :: else
            fi;
            atomic { waiter = false; seen = 0 };
#ifdef BUG_CLOSED_SEEN_LATE
            sawClosed = closed;
#endif
            offer()
        :: else -> break
        od
    :: else -> break
    od;
given_up:
    seen = 0;
    result = 0;
    /* SinkRef.close: the first closer tells the producer */
#ifndef NO_END
    if
#ifdef FAIL
    :: atomic { closing == OPEN -> closing = FAILED };
#else
    :: atomic { closing == OPEN -> closing = COMPLETED };
#endif
        closed = true;
#ifndef BUG_COMPLETE_TELLS_NOBODY
        inputReady = true;
        schedule()
#endif
        skip
    :: closing != OPEN -> closed = true
    fi;
#endif
    putterDone = true
}

/* StreamConsumer.visit: tryEnter, drain, leave, then the putters */
inline visit(armBell) {
    if
    :: atomic { !running -> running = true; entered = true };
        if
        :: subscriberGone
        :: else ->
            request();
            drain(armBell, false)
        fi;
        leave();
#ifndef BUG_VISIT_WAKES_NO_PUTTER
        wakePutter()
#endif
        skip
    :: atomic { running -> entered = false }
    fi
}

/* StreamConsumer.callForVisit */
inline call() {
#ifndef BUG_CALL_NOT_SENT
    if
    :: atomic { !called -> called = true; callForVisit = true }; schedule()
    :: else
    fi
#else
    skip
#endif
}

/* SourceRef.isReady: hold, by an exchange, unless the end is decided */
inline hold() {
    if
    :: end == OPEN && taken < ELEMENTS ->
        if
#ifdef BUG_HOLD_BY_LOOK
        :: slot[taken] -> held = true; slot[taken] = false
#else
        :: atomic { slot[taken] -> slot[taken] = false; held = true }
#endif
        :: else
        fi
    :: else
    fi
}

/* SourceRef.awaitNext, await, fetch, park; take; close */
proctype Reader() {
    bool held;
    bool entered;
    byte replenished;
    do
    :: hold();
        if
        :: held -> /* take */
            atomic {
                assert(gone[taken] == 0);
                gone[taken] = DELIVERED;
                taken++;
                held = false
            };
#ifdef CANCEL
            if
            :: true -> break
            :: true
            fi
#endif
            skip
        :: else ->
            if
            :: end != OPEN -> break
            :: else ->
                if
                :: announced != OPEN ->
                    if
                    :: inRing == taken -> decide(announced)
                    :: else
                    fi
                :: else ->
                    /* fetch: whether there is something worth a visit, to request or to take */
                    entered = false;
                    if
                    :: taken != replenished || closed || head != tail -> visit(false)
                    :: else
                    fi;
                    if
                    :: atomic { entered -> replenished = taken }
                    :: else
                    fi;
                    if
                    :: atomic { entered && ((taken < ELEMENTS && slot[taken]) || announced != OPEN) -> entered = false }
                    :: atomic { !(entered && ((taken < ELEMENTS && slot[taken]) || announced != OPEN)) -> entered = false };
                        /* park */
#ifndef BUG_READER_SAYS_SO_LATE
                        sleeper = true;
#endif
#ifdef BUG_READER_ARMS_NO_BELL
                        visit(false);
#else
                        visit(true);
#endif
                        if
                        :: !entered -> call()
                        :: else
                        fi;
                        if
                        :: !(taken < ELEMENTS && slot[taken]) && end == OPEN && announced == OPEN ->
#ifdef BUG_READER_SAYS_SO_LATE
                            sleeper = true;
#endif
end_asleep:                 atomic { readPermit -> readPermit = false }
                        :: else
                        fi;
                        sleeper = false;
                        visit(false);
                        if
                        :: !entered -> call()
                        :: else
                        fi;
                        entered = false
                    fi
                fi
            fi
        fi
    od;
    /* close: decides unless the end has come, then tells the consumer, once */
    if
    :: announced != OPEN && inRing == taken -> decide(announced)
    :: else -> decide(CANCELLED)
    fi;
    if
    :: !readerLeft -> readerLeft = true;
#ifndef BUG_CLOSE_TELLS_NOBODY
        cancelConsumer = true;
        schedule()
#endif
        skip
    :: else
    fi;
    readerDone = true
}

/* When nothing can move any more: everybody has come through, and every element is accounted for. */
proctype Monitor() {
    byte i;
end_wait:
    timeout ->
    atomic {
        assert(putterDone);
#ifdef NO_END
        assert(taken == ELEMENTS && end == OPEN && !running && !queued && !turn && !hasWork)
#else
        assert(readerDone);
        assert(!running && !queued && !turn);
        assert(!hasWork);
        assert(end != OPEN);
        assert(decisions == 1);
        do
        :: i < ELEMENTS ->
            assert((i < tail) == (gone[i] != 0));
            assert(i == 0 || gone[i] != DELIVERED || gone[i - 1] == DELIVERED);
            i++
        :: else -> break
        od
#ifndef CANCEL
#ifndef INTERRUPT
        assert(taken == ELEMENTS)
#endif
#endif
#endif
    }
}

init {
    atomic {
        demand = WINDOW;
        requested = WINDOW;
        run Dispatcher();
        run Putter();
        run Reader();
        run Monitor()
    }
}
