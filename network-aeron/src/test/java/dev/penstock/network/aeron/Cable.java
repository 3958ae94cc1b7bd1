package dev.penstock.network.aeron;

import io.aeron.driver.DataPacketDispatcher;
import io.aeron.driver.DriverConductorProxy;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.media.ReceiveChannelEndpoint;
import io.aeron.driver.media.SendChannelEndpoint;
import io.aeron.driver.media.UdpChannel;
import io.aeron.protocol.DataHeaderFlyweight;
import io.aeron.protocol.SetupFlyweight;
import io.aeron.protocol.StatusMessageFlyweight;
import java.net.InetSocketAddress;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;

/** What lies before a node's sockets, and may be cut: nothing comes in any more. */
final class Cable {

    // written: the test, volatile; read: the node's loop
    volatile boolean cut;

    // likewise
    volatile boolean garbling; // the last byte of each fragment of data

    AeronTransport attach(AeronTransport to) {
        return to.customization(context ->
                context.receiveChannelEndpointSupplier(Receiving::new).sendChannelEndpointSupplier(Sending::new));
    }

    private final class Receiving extends ReceiveChannelEndpoint {
        Receiving(UdpChannel channel, DataPacketDispatcher dispatcher, AtomicCounter status, MediaDriver.Context ctx) {
            super(channel, dispatcher, status, ctx);
        }

        @Override
        public int onDataPacket(
                DataHeaderFlyweight header, UnsafeBuffer buffer, int length, InetSocketAddress source, int index) {
            if (garbling && length > DataHeaderFlyweight.HEADER_LENGTH + Frame.HEADER) {
                int last = header.frameLength() - 1;
                buffer.putByte(last, (byte) (buffer.getByte(last) ^ 1));
            }
            return cut ? 0 : super.onDataPacket(header, buffer, length, source, index);
        }

        @Override
        public void onSetupMessage(
                SetupFlyweight header, UnsafeBuffer buffer, int length, InetSocketAddress source, int index) {
            if (!cut) {
                super.onSetupMessage(header, buffer, length, source, index);
            }
        }
    }

    private final class Sending extends SendChannelEndpoint {
        Sending(UdpChannel channel, AtomicCounter status, MediaDriver.Context context) {
            super(channel, status, context);
        }

        @Override
        public void onStatusMessage(
                StatusMessageFlyweight message,
                UnsafeBuffer buffer,
                int length,
                InetSocketAddress source,
                DriverConductorProxy conductor) {
            if (!cut) {
                super.onStatusMessage(message, buffer, length, source, conductor);
            }
        }
    }
}
