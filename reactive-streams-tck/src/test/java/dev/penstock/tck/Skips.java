package dev.penstock.tck;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.testng.annotations.Test;

/**
 * Lets no test be skipped without a reason: those that may be are named in {@code skipped.properties}, each with a sentence; a
 * name that ends in {@code *} stands for all that begin so.
 */
final class Skips {

    private static final Properties REASONS = new Properties();

    static {
        try (InputStream in = Skips.class.getResourceAsStream("/skipped.properties")) {
            REASONS.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Skips() {}

    /**
     * Called by a test that is about to skip itself.
     *
     * @throws AssertionError if that has no reason
     */
    static void check() {
        String name = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.filter(Skips::isTest)
                        .map(StackWalker.StackFrame::getMethodName)
                        .findFirst()
                        .orElse("a test that is not on the stack"));
        if (REASONS.stringPropertyNames().stream().noneMatch(entry -> covers(entry, name))) {
            throw new AssertionError(name + " is about to be skipped, and skipped.properties has no reason why");
        }
    }

    private static boolean isTest(StackWalker.StackFrame frame) {
        try {
            return frame.getDeclaringClass()
                    .getDeclaredMethod(frame.getMethodName())
                    .isAnnotationPresent(Test.class);
        } catch (NoSuchMethodException e) { // it takes arguments, which tests do not
            return false;
        }
    }

    private static boolean covers(String entry, String name) {
        return entry.endsWith("*") ? name.startsWith(entry.substring(0, entry.length() - 1)) : name.equals(entry);
    }
}
