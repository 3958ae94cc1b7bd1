package dev.penstock.stress;

import java.util.function.Supplier;

/** Something that a simulated system must not do. */
final class Violation extends AssertionError {

    private static final long serialVersionUID = 1;

    private final String kind;

    Violation(String kind, String what) {
        super(kind + ": " + what);
        this.kind = kind;
    }

    static void unless(boolean holds, String kind, Supplier<?> what) {
        if (!holds) {
            throw new Violation(kind, String.valueOf(what.get()));
        }
    }

    /** What kind of failure that is: while a failing run is made smaller, it must go on failing in the same way. */
    static String kindOf(Throwable failure) {
        Throwable deepest = failure;
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e instanceof Violation violation) {
                return violation.kind;
            }
            deepest = e;
        }
        String message = String.valueOf(deepest.getMessage());
        for (String said : new String[] {"deadlock", "nobody will wake", "never be done", "did not stop"}) {
            if (message.contains(said)) {
                return said;
            }
        }
        return deepest.getClass().getSimpleName();
    }
}
