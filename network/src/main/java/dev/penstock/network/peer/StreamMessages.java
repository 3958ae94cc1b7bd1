package dev.penstock.network.peer;

import dev.penstock.network.codec.WireException;
import dev.penstock.network.codec.WireReader;
import dev.penstock.network.codec.WireWriter;
import dev.penstock.stream.CompleteStream;
import dev.penstock.stream.FailStream;
import dev.penstock.stream.Push;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamDemand;

/**
 * The messages of the stream protocol that travel like any other, each by a number that no user's codec has: those that are
 * told to a producer or a consumer by one who is not the other end of the stream.
 */
final class StreamMessages {

    private static final int COMPLETE = 16;
    private static final int PUSH = 17;
    private static final int FAIL = 18;
    private static final int CANCEL = 19;
    private static final int DEMAND = 20;

    private StreamMessages() {}

    /** The number of such a message; -1 if it is none. */
    static int numberOf(Object message) {
        if (message instanceof Push) {
            return PUSH;
        }
        if (message instanceof CompleteStream) {
            return COMPLETE;
        }
        if (message instanceof FailStream) {
            return FAIL;
        }
        if (message instanceof StreamCancel) {
            return CANCEL;
        }
        return message instanceof StreamDemand ? DEMAND : -1;
    }

    static boolean isOne(int number) {
        return number >= COMPLETE && number <= DEMAND;
    }

    static void write(Object message, WireWriter out) {
        if (message instanceof Push<?> push) {
            out.putNested(push.element());
        } else if (message instanceof FailStream<?> fail) {
            Failures.write(fail.cause(), out);
        } else if (message instanceof StreamDemand<?> demand) {
            out.putLong(demand.n());
        }
    }

    static Object read(int number, WireReader in) {
        return switch (number) {
            case COMPLETE -> new CompleteStream<>();
            case PUSH -> {
                Object element = in.getNested(Object.class);
                if (element == null) {
                    throw new WireException("a push of nothing");
                }
                yield new Push<>(element);
            }
            case FAIL -> new FailStream<>(Failures.read(in));
            case CANCEL -> new StreamCancel<>();
            case DEMAND -> new StreamDemand<>(in.getLong());
            default -> throw new WireException("a stream's message of number " + number);
        };
    }
}
