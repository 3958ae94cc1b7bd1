package dev.penstock.network.aeron;

import io.aeron.driver.DataPacketDispatcher;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.media.ReceiveChannelEndpoint;
import io.aeron.driver.media.UdpChannel;
import io.aeron.protocol.SetupFlyweight;
import java.net.InetSocketAddress;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * A socket at which the driver hears others, which wakes the loop, and that bounds what strangers can make it allocate: one
 * datagram is enough to have it set memory aside for what that says will follow. On the loop, where the driver is invoked.
 */
final class GuardedEndpoint extends ReceiveChannelEndpoint {

    /** So many images a socket, those that end included. */
    static final int MOST_IMAGES = 1024;

    private final AeronLoop loop;
    private final int greatestTerm;
    private int images;

    GuardedEndpoint(
            UdpChannel channel,
            DataPacketDispatcher dispatcher,
            AtomicCounter status,
            MediaDriver.Context context,
            AeronLoop loop) {
        super(channel, dispatcher, status, context);
        greatestTerm = context.publicationTermBufferLength();
        this.loop = loop;
    }

    @Override
    public void openChannel() {
        super.openChannel();
        loop.watch(receiveDatagramChannel());
    }

    @Override
    public void onSetupMessage(
            SetupFlyweight header, UnsafeBuffer buffer, int length, InetSocketAddress source, int transportIndex) {
        int termLength = header.termLength();
        if (images < MOST_IMAGES
                && header.streamId() == AeronLinks.STREAM
                && termLength >= AeronTransport.LEAST_TERM
                && termLength <= greatestTerm) {
            super.onSetupMessage(header, buffer, length, source, transportIndex);
        }
    }

    @Override
    public void incRefImages() {
        images++;
        super.incRefImages();
    }

    @Override
    public void decRefImages() {
        images--;
        super.decRefImages();
    }
}
