package dev.penstock.actor;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.text.MessageFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Takes what the runtime logs away from the console and keeps it for the test to read. By reflection, for the module
 * does not read {@code java.logging}.
 */
final class Logs implements BeforeEachCallback {

    private static final int LIMIT = 10_000;
    private static final Queue<String> LINES = new ConcurrentLinkedQueue<>();
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Object[] LOGGERS = {take("dev.penstock.actor"), take("dev.penstock.deadletters")};

    @Override
    public void beforeEach(ExtensionContext context) {
        LINES.clear();
        COUNT.set(0);
    }

    /** Whether the log can be read here. */
    static boolean available() {
        return LOGGERS[0] != null && LOGGERS[1] != null;
    }

    /** The lines of this test that have the text. */
    static List<String> lines(String text) {
        return LINES.stream().filter(line -> line.contains(text)).toList();
    }

    private static Object take(String name) {
        try {
            Class<?> loggerType = Class.forName("java.util.logging.Logger");
            Class<?> filterType = Class.forName("java.util.logging.Filter");
            Class<?> recordType = Class.forName("java.util.logging.LogRecord");
            Method message = recordType.getMethod("getMessage");
            Method parameters = recordType.getMethod("getParameters");
            Method thrown = recordType.getMethod("getThrown");
            Object filter = Proxy.newProxyInstance(
                    Logs.class.getClassLoader(), new Class<?>[] {filterType}, (proxy, method, arguments) -> {
                        if (COUNT.incrementAndGet() <= LIMIT) {
                            String text = (String) message.invoke(arguments[0]);
                            Object[] values = (Object[]) parameters.invoke(arguments[0]);
                            Object cause = thrown.invoke(arguments[0]);
                            LINES.add((values == null ? text : MessageFormat.format(text, values))
                                    + (cause == null ? "" : " <- " + cause));
                        }
                        return false;
                    });
            Object logger = loggerType.getMethod("getLogger", String.class).invoke(null, name);
            loggerType.getMethod("setFilter", filterType).invoke(logger, filter);
            return logger;
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }
}
