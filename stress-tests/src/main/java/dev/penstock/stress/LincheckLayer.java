package dev.penstock.stress;

import dev.penstock.actor.LaneLincheck;
import dev.penstock.actor.MailboxLincheck;
import dev.penstock.stream.BellLincheck;
import dev.penstock.stream.EndLincheck;
import dev.penstock.stream.InputsLincheck;
import dev.penstock.stream.LayLincheck;
import dev.penstock.stream.SinkLincheck;
import dev.penstock.stream.SourceLincheck;
import dev.penstock.stream.StreamLincheck;
import java.util.List;
import java.util.regex.Pattern;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * Has Lincheck explore interleavings of the real classes, those with the fewest context switches first. Two threads do
 * operations: what they answer must be what a sequential specification answers, in some order of the operations; and nobody
 * may wait for ever. Memory is sequentially consistent.
 */
public final class LincheckLayer {

    private LincheckLayer() {}

    /**
     * One check.
     *
     * @param subject a class of operations
     * @param expected what they should do, for one thread
     * @param scenarios how many times operations are drawn
     * @param interleavings how many are explored, of each scenario
     * @param operations how many a thread does
     */
    private record Check(Class<?> subject, Class<?> expected, int scenarios, int interleavings, int operations) {
        /** Operations at random: two, then three by each thread at the same time, then two more. */
        static Check random(Class<?> subject, Class<?> expected, int scenarios, int interleavings) {
            return new Check(subject, expected, scenarios, interleavings, 3);
        }

        /** One operation by each thread. */
        static Check fixed(Class<?> subject, Class<?> expected, int interleavings) {
            return new Check(subject, expected, 1, interleavings, 1);
        }

        /** A third of it. */
        Check third() {
            return operations == 1
                    ? new Check(subject, expected, scenarios, interleavings / 3, operations)
                    : new Check(subject, expected, (scenarios + 2) / 3, interleavings, operations);
        }

        /** So many times as much of it. */
        Check times(int factor) {
            return operations == 1
                    ? new Check(subject, expected, scenarios, interleavings * factor, operations)
                    : new Check(subject, expected, scenarios * factor, interleavings, operations);
        }

        String name() {
            return subject.getName()
                    .substring(subject.getPackageName().length() + 1)
                    .replace('$', '.');
        }

        /** Throws what was found. */
        void run() {
            new ModelCheckingOptions()
                    .iterations(scenarios)
                    .invocationsPerIteration(interleavings)
                    .threads(2)
                    .actorsBefore(operations == 1 ? 0 : 2)
                    .actorsPerThread(operations)
                    .actorsAfter(operations == 1 ? 0 : 2)
                    .sequentialSpecification(expected)
                    .minimizeFailedScenario(operations > 1)
                    .check(subject);
        }
    }

    private static final List<Check> CHECKS = List.of(
            Check.random(SinkLincheck.RingOfOne.class, SinkLincheck.RingOfOne.Expected.class, 20, 150),
            Check.random(SinkLincheck.RingOfThree.class, SinkLincheck.RingOfThree.Expected.class, 20, 150),
            Check.random(SinkLincheck.Unbounded.class, SinkLincheck.Unbounded.Expected.class, 20, 150),
            Check.random(SourceLincheck.Demand.class, SourceLincheck.Demand.Expected.class, 20, 150),
            Check.random(SourceLincheck.Clear.class, SourceLincheck.Clear.Expected.class, 20, 150),
            Check.random(InputsLincheck.Abandon.class, InputsLincheck.Abandon.Expected.class, 12, 100),
            Check.random(InputsLincheck.TwoSinks.class, InputsLincheck.TwoSinks.Expected.class, 20, 100),
            Check.random(EndLincheck.Ends.class, EndLincheck.Ends.Expected.class, 15, 100),
            Check.random(BellLincheck.Bell.class, BellLincheck.Bell.Expected.class, 12, 100),
            Check.random(MailboxLincheck.BoundOfOne.class, MailboxLincheck.BoundOfOne.Expected.class, 15, 100),
            Check.random(MailboxLincheck.BoundOfThree.class, MailboxLincheck.BoundOfThree.Expected.class, 15, 100),
            Check.random(MailboxLincheck.Unbounded.class, MailboxLincheck.Unbounded.Expected.class, 15, 100),
            Check.random(LaneLincheck.WholeTurns.class, LaneLincheck.Expected.class, 8, 100),
            Check.random(LaneLincheck.ShortTurns.class, LaneLincheck.Expected.class, 8, 100),
            Check.fixed(StreamLincheck.Pass.class, StreamLincheck.Expected.class, 50),
            Check.fixed(StreamLincheck.Leave.class, StreamLincheck.Expected.class, 50),
            Check.fixed(StreamLincheck.Complete.class, StreamLincheck.Expected.class, 50),
            Check.fixed(LayLincheck.Cancel.class, LayLincheck.Expected.class, 50),
            Check.fixed(LayLincheck.TakeAndLeave.class, LayLincheck.Expected.class, 50));

    /** About how long the quick form takes, on two processors that others use too. */
    private static final int QUICK_SECONDS = 180;

    /** How many times as much the long form does, if no time is said. */
    private static final int LONG = 10;

    /**
     * Runs the layer.
     *
     * @param args see {@link LayerArguments}
     */
    public static void main(String[] args) {
        LayerArguments arguments = LayerArguments.parse("lincheck", args);
        // It warns of each lambda and record that it meets, for it cannot look into them; there is nothing to see.
        System.setProperty("lincheck.logLevel", "ERROR");
        LincheckLayer.class.getClassLoader().setPackageAssertionStatus("dev.penstock", true);
        System.exit(run(arguments));
    }

    private static int run(LayerArguments arguments) {
        Pattern only = Pattern.compile(arguments.only());
        List<Check> checks = CHECKS.stream()
                .filter(check -> only.matcher(check.name()).find())
                .toList();
        if (checks.isEmpty()) {
            System.out.println("lincheck: 0 checks, 0 failed, none matches " + arguments.only());
            return 2;
        }
        int times = times(arguments);
        int failed = 0;
        for (Check each : checks) {
            // All checks together are to take no more than their share of the quick form.
            Check check = arguments.isQuick() && checks.size() == CHECKS.size() ? each.third() : each.times(times);
            long begin = System.nanoTime();
            String found = "";
            try {
                check.run();
            } catch (LincheckAssertionError e) {
                failed++;
                found = e.getMessage();
            }
            System.out.printf(
                    "%s  %-28s %5d scenarios of %d interleavings, %d ms%n",
                    found.isEmpty() ? "ok  " : "FAIL",
                    check.name(),
                    check.scenarios(),
                    check.interleavings(),
                    (System.nanoTime() - begin) / 1_000_000);
            found.lines()
                    .takeWhile(line -> !line.startsWith("Detailed trace")) // thousands of steps
                    .forEach(line -> System.out.println("    " + line));
        }
        System.out.println("lincheck: " + checks.size() + " checks, " + failed + " failed");
        return failed == 0 ? 0 : 1;
    }

    private static int times(LayerArguments arguments) {
        if (arguments.isQuick()) {
            return 1;
        }
        return arguments.seconds() == 0
                ? LONG
                : (int) Math.max(1, Math.min(100_000, arguments.seconds() / QUICK_SECONDS));
    }
}
