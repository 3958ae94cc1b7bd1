package dev.penstock.network;

import java.util.Objects;

/**
 * A name under which actors of any node are found.
 *
 * @param <M> the messages of the actors
 * @param name the name; not empty, at most 200 characters
 * @param messageType the type of the messages; actors registered under another type are not found, and a message of another
 *     type is not told to one that was found
 */
public record ServiceKey<M>(String name, Class<? super M> messageType) {

    /**
     * Checks both.
     *
     * @param name as above
     * @param messageType as above
     */
    public ServiceKey {
        Objects.requireNonNull(messageType, "messageType");
        if (messageType.isPrimitive()) {
            throw new IllegalArgumentException("no message is of type " + messageType + ": take its class of objects");
        }
        if (name.isBlank() || name.length() > 200) {
            throw new IllegalArgumentException("the name of a service has 1 to 200 characters: \"" + name + "\"");
        }
    }
}
