package dev.penstock.network.hostile;

import dev.penstock.network.peer.Node;
import java.lang.reflect.Field;
import java.util.Map;

/**
 * How much a node keeps: what is in its tables, which are nobody's business but a test's that asks whether they come back to
 * where they were.
 *
 * @param exports actors and other refs that others may know
 * @param relays of them, actors of other nodes
 * @param peers members and clients
 * @param waiting connections that wait for the view
 */
record Tables(int exports, int relays, int peers, int waiting) {

    static Tables of(Node node) {
        Object exports = get(node, "exports");
        return new Tables(
                size(exports, "byUid") - size(exports, "others"), // those go when they are collected
                size(exports, "relays"),
                size(node, "peers"),
                size(node, "waiting"));
    }

    private static int size(Object owner, String map) {
        return ((Map<?, ?>) get(owner, map)).size();
    }

    static Object get(Object owner, String name) {
        try {
            Field field = owner.getClass().getDeclaredField(name);
            field.setAccessible(true);
            return field.get(owner);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
