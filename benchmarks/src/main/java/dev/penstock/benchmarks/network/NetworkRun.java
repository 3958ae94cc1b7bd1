package dev.penstock.benchmarks.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.benchmarks.run.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * One of the two processes of a measurement. They speak with the command by lines:
 *
 * <pre>
 * producer: READY                 may be subscribed to
 * consumer: BEGIN                 warmed up; passed on to the producer
 * consumer: END {what it found}   passed on to the producer, without what it found
 * producer: END {what it used}
 * </pre>
 */
final class NetworkRun {

    static final String READY = "READY";
    static final String BEGIN = "BEGIN";
    static final String END = "END";

    private NetworkRun() {}

    /**
     * Runs one side until the command ends it.
     *
     * @param arguments the side, and the setup as JSON
     */
    public static void main(String[] arguments) throws Exception {
        Setup setup = Json.as(Json.parse(arguments[1]), Setup.class);
        try {
            if (arguments[0].equals(Stores.PRODUCER)) {
                produce(setup);
            } else {
                consume(setup);
            }
        } catch (Throwable e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static void produce(Setup setup) throws Exception {
        Outbound out = setup.transport().open(setup);
        Thread listener = new Thread(NetworkRun::listen, "command");
        listener.setDaemon(true);
        listener.start();
        say(READY);
        out.send(setup.isLatency() ? Ticks.paced(setup.ratePerSecond()) : Ticks.readyMade());
    }

    private static void listen() {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try {
            in.readLine(); // BEGIN
            Usage usage = new Usage();
            if (in.readLine() != null) {
                say(END + Json.of(usage.until()));
                in.readLine();
            }
        } catch (IOException e) {
            e.printStackTrace();
        }
        System.exit(0); // the command has ended
    }

    private static void consume(Setup setup) throws Exception {
        Taker taker = new Taker(setup, () -> say(BEGIN));
        setup.transport().subscribe(setup).receive(taker);
        ObjectNode found = taker.found();
        say(END + found);
        System.in.read(); // until the command ends it
        System.exit(0);
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
