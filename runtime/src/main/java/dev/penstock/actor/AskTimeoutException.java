package dev.penstock.actor;

import java.util.concurrent.TimeoutException;

/** An ask was not answered in time. The message names the target, the class of the question and the waiting depth. */
public final class AskTimeoutException extends TimeoutException {

    private static final long serialVersionUID = 1L;

    AskTimeoutException(String message) {
        super(message);
    }
}
