package dev.penstock.network.aeron;

import io.aeron.Aeron;
import io.aeron.CommonContext;
import io.aeron.driver.Configuration;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.exceptions.TimeoutException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.IoUtil;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.AgentTerminationException;

/**
 * A client of Aeron, and the driver that moves what it sends, unless that is somebody else's. Both work when they are invoked,
 * on the loop, and at no other time. Once they are {@linkplain #lost lost} they do nothing any more, and are to be closed. On
 * the loop.
 */
final class Media {

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");
    private static final long ACTIVE_MILLIS = 10_000;
    private static final int LAST_INVOCATIONS = 10;

    private final MediaDriver driver; // null: somebody else's
    private final AgentInvoker driverInvoker; // null likewise
    private final Aeron client;
    private final AgentInvoker clientInvoker;
    private Throwable lost;

    private Media(AeronTransport options, AeronLoop loop) {
        MediaDriver own = null;
        Path directory = options.newDirectory();
        try {
            Aeron.Context context = new Aeron.Context()
                    .useConductorAgentInvoker(true)
                    .errorHandler(this::clientFailed)
                    .subscriberErrorHandler(this::clientFailed)
                    .keepAliveIntervalNs(Math.min(TimeUnit.MILLISECONDS.toNanos(500), options.livenessNanos() / 10))
                    .resourceLingerDurationNs(0); // nobody else uses what is closed
            if (options.aeronDirectory() == null) {
                Leftovers.remove(AeronTransport.parentDirectory());
                own = MediaDriver.launch(driverContext(options, directory, loop));
                context.aeronDirectoryName(own.aeronDirectoryName()).driverAgentInvoker(own.sharedAgentInvoker());
            } else if (!CommonContext.isDriverActive(options.aeronDirectory().toFile(), ACTIVE_MILLIS, line -> {})) {
                throw new IllegalStateException("no driver is at work in " + options.aeronDirectory());
            } else {
                context.aeronDirectoryName(options.aeronDirectory().toString());
            }
            client = Aeron.connect(context);
        } catch (Throwable e) {
            CloseHelper.quietClose(own);
            IoUtil.delete(directory.toFile(), true); // of a driver that did not get so far
            throw e;
        }
        driver = own;
        driverInvoker = own == null ? null : own.sharedAgentInvoker();
        clientInvoker = client.conductorAgentInvoker();
    }

    /** Starts them, which takes some tens of milliseconds. */
    static Media open(AeronTransport options, AeronLoop loop) {
        return new Media(options, loop);
    }

    private static MediaDriver.Context driverContext(AeronTransport options, Path directory, AeronLoop loop) {
        long liveness = options.livenessNanos();
        MediaDriver.Context context = new MediaDriver.Context()
                .aeronDirectoryName(directory.toString())
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .threadingMode(ThreadingMode.INVOKER)
                .asyncExecutorEnabled(false)
                .errorHandler(Media::driverFailed)
                .useWindowsHighResTimer(false)
                .counterValuesBufferLength(Configuration.COUNTERS_VALUES_BUFFER_LENGTH_MIN)
                .publicationTermBufferLength(options.termLength())
                .ipcTermBufferLength(options.termLength())
                .termBufferSparseFile(false) // memory that is not there is noticed now, not as a crash later
                .timerIntervalNs(Math.min(TimeUnit.SECONDS.toNanos(1), liveness / 10))
                .clientLivenessTimeoutNs(liveness)
                .imageLivenessTimeoutNs(liveness)
                .publicationConnectionTimeoutNs(liveness)
                .publicationUnblockTimeoutNs(liveness * 2)
                .publicationLingerTimeoutNs(Math.min(TimeUnit.SECONDS.toNanos(1), liveness / 2))
                .receiveChannelEndpointSupplier((channel, dispatcher, status, driver) ->
                        new GuardedEndpoint(channel, dispatcher, status, driver, loop))
                .sendChannelEndpointSupplier(
                        (channel, status, driver) -> new WatchedEndpoint(channel, status, driver, loop));
        options.customize(context);
        return context;
    }

    private static void driverFailed(Throwable e) {
        LOG.log(System.Logger.Level.DEBUG, "Aeron's driver reports", e);
    }

    private void clientFailed(Throwable e) {
        if (e instanceof TimeoutException || e instanceof AgentTerminationException) {
            if (lost == null) {
                lost = e;
            }
        } else {
            LOG.log(System.Logger.Level.DEBUG, "Aeron's client reports", e);
        }
    }

    Aeron client() {
        return client;
    }

    /** Lets them work; whether there was something to do. */
    boolean invoke() {
        int work = driverInvoker == null ? 0 : driverInvoker.invoke();
        work += clientInvoker.invoke();
        return work > 0;
    }

    /** Why they are of no use any more; null if they are. */
    Throwable lost() {
        if (lost == null && (!clientInvoker.isRunning() || driverInvoker != null && !driverInvoker.isRunning())) {
            lost = new IllegalStateException("Aeron's " + (clientInvoker.isRunning() ? "driver" : "client") + " ended");
        }
        return lost;
    }

    /** Sends what was written, and leaves nothing. */
    void close() {
        for (int i = 0; i < LAST_INVOCATIONS && lost() == null && invoke(); i++) {
            // what was said last is on its way
        }
        CloseHelper.quietClose(client);
        if (driver != null) {
            driver.close();
            driver.context().deleteDirectory();
        }
    }
}
