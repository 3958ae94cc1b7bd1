package dev.penstock.network.membership;

import dev.penstock.network.Member;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jgroups.Address;
import org.jgroups.util.ExtendedUUID;

/**
 * A member as part of its JGroups address: a random number, and behind it who the node is. So whoever sees a view knows the
 * members, and each life of a node has another address.
 */
final class NodeInfo {

    private static final String KEY = "penstock";
    private static final int FORMAT = 1;
    private static final int MAX_BYTES = 255; // what a value in an address may have

    private NodeInfo() {}

    /** An address that no node has had. */
    static Address newAddress(Member member) {
        return ExtendedUUID.randomUUID(member.name()).put(KEY, encode(member));
    }

    /** The member of that address; none if it is not an address of ours. Its host is not looked up. */
    static Optional<Member> member(Address address) {
        if (!(address instanceof ExtendedUUID uuid)) {
            return Optional.empty();
        }
        byte[] bytes = uuid.get(KEY);
        return bytes == null ? Optional.empty() : decode(bytes);
    }

    static byte[] encode(Member member) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeUTF(member.name());
            out.writeLong(member.incarnation());
            out.writeUTF(member.address().getHostString());
            out.writeShort(member.address().getPort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (bytes.size() > MAX_BYTES) {
            throw new IllegalArgumentException("the names of the node and of its host are too long: " + member);
        }
        return bytes.toByteArray();
    }

    static Optional<Member> decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readByte() != FORMAT) {
                return Optional.empty();
            }
            String name = in.readUTF();
            long incarnation = in.readLong();
            String host = in.readUTF();
            int port = in.readUnsignedShort();
            if (name.isEmpty() || host.isEmpty() || in.available() > 0) {
                return Optional.empty();
            }
            return Optional.of(new Member(name, incarnation, InetSocketAddress.createUnresolved(host, port)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
