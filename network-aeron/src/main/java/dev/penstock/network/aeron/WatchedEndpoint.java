package dev.penstock.network.aeron;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.media.SendChannelEndpoint;
import io.aeron.driver.media.UdpChannel;
import org.agrona.concurrent.status.AtomicCounter;

/** A socket from which the driver sends: what comes back there, such as that there is room, wakes the loop. */
final class WatchedEndpoint extends SendChannelEndpoint {

    private final AeronLoop loop;

    WatchedEndpoint(UdpChannel channel, AtomicCounter status, MediaDriver.Context context, AeronLoop loop) {
        super(channel, status, context);
        this.loop = loop;
    }

    @Override
    public void openChannel() {
        super.openChannel();
        loop.watch(receiveDatagramChannel());
    }
}
