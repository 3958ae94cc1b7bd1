package dev.penstock.network.peer;

import dev.penstock.network.RemoteFailure;
import dev.penstock.network.codec.WireReader;
import dev.penstock.network.codec.WireWriter;
import java.nio.charset.StandardCharsets;

/** Exceptions in frames: the name of the class, and the message, both cut short. */
final class Failures {

    private static final int LONGEST = 200;

    private Failures() {}

    static void write(Throwable failure, WireWriter out) {
        out.putString(failure == null ? null : cut(failure.getClass().getName()));
        out.putString(failure == null ? null : wellFormed(cut(failure.getMessage())));
    }

    static RemoteFailure read(WireReader in) {
        return new RemoteFailure(cut(in.getString()), cut(in.getString()));
    }

    /** Half a pair of surrogates cannot be written. */
    private static String wellFormed(String text) {
        return text == null ? null : new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    /** Not within a pair of surrogates. */
    static String cut(String text) {
        if (text == null || text.length() <= LONGEST) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
        return text.substring(0, end) + "…";
    }
}
