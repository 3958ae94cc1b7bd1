package dev.penstock.network.membership;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * All that is registered with a node, as bytes, in chunks.
 *
 * <pre>
 * chunk     format u8 = 1 | version u64 | index u16 | chunks u16 | a part of the snapshot
 * snapshot  entries u32 | (name utf, message type utf, uid u64, path utf)*
 * </pre>
 *
 * <p>Each version of a node's snapshot is sent whole. The message type is a name that is compared, and nothing else.
 */
final class Snapshots {

    static final int MAX_ENTRIES = 10_000;
    static final int MAX_BYTES = 1 << 20;
    static final int CHUNK_BYTES = 32 << 10;
    static final int MAX_CHUNKS = MAX_BYTES / CHUNK_BYTES;

    private static final int FORMAT = 1;
    private static final int HEADER_BYTES = 1 + 8 + 2 + 2;
    private static final int COUNT_BYTES = 4;

    /**
     * An actor that is registered.
     *
     * @param name the name of its key
     * @param type the message type of its key
     * @param uid its number on its node
     * @param path its path on its node
     */
    record Entry(String name, String type, long uid, String path) {

        int bytes() {
            return 2 + utfBytes(name) + 2 + utfBytes(type) + 8 + 2 + utfBytes(path);
        }

        private static int utfBytes(String text) {
            int bytes = 0;
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                bytes += c != 0 && c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            }
            return bytes;
        }
    }

    /** Something that no node of ours sends. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String what) {
            super(what);
        }
    }

    private Snapshots() {}

    /** How large a snapshot of entries of this size is. */
    static int bytesOf(int entryBytes) {
        return COUNT_BYTES + entryBytes;
    }

    static List<byte[]> encode(long version, List<Entry> entries) {
        byte[] snapshot = snapshot(entries);
        int chunks = (snapshot.length + CHUNK_BYTES - 1) / CHUNK_BYTES;
        List<byte[]> messages = new ArrayList<>();
        for (int i = 0; i < chunks; i++) {
            int from = i * CHUNK_BYTES;
            int length = Math.min(CHUNK_BYTES, snapshot.length - from);
            messages.add(ByteBuffer.allocate(HEADER_BYTES + length)
                    .put((byte) FORMAT)
                    .putLong(version)
                    .putShort((short) i)
                    .putShort((short) chunks)
                    .put(snapshot, from, length)
                    .array());
        }
        return messages;
    }

    private static byte[] snapshot(List<Entry> entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(entries.size());
            for (Entry entry : entries) {
                out.writeUTF(entry.name());
                out.writeUTF(entry.type());
                out.writeLong(entry.uid());
                out.writeUTF(entry.path());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static List<Entry> decode(byte[] snapshot) throws Malformed {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(snapshot))) {
            int count = in.readInt();
            if (count < 0 || count > MAX_ENTRIES) {
                throw new Malformed(count + " entries");
            }
            List<Entry> entries = new ArrayList<>(); // grows as they come: the count alone promises nothing
            for (int i = 0; i < count; i++) {
                entries.add(new Entry(in.readUTF(), in.readUTF(), in.readLong(), in.readUTF()));
            }
            if (in.available() > 0) {
                throw new Malformed(in.available() + " bytes behind the last entry");
            }
            return entries;
        } catch (IOException e) {
            throw new Malformed("not a snapshot: " + e);
        }
    }

    /**
     * Puts the chunks of one node's snapshots together, of one version at a time: the newest of which anything was seen.
     * Threads: one at a time.
     */
    static final class Assembly {

        private long complete; // versions begin at 1
        private long version;
        private byte[][] parts = {};
        private int missing;
        private int bytes;

        /** The entries of a version that this chunk completes; null if it does not, or is of an old one. */
        List<Entry> add(byte[] message) throws Malformed {
            if (message.length <= HEADER_BYTES) {
                throw new Malformed(message.length + " bytes");
            }
            ByteBuffer in = ByteBuffer.wrap(message);
            int format = in.get();
            long chunkVersion = in.getLong();
            int index = in.getShort() & 0xffff;
            int chunks = in.getShort() & 0xffff;
            if (format != FORMAT || chunkVersion < 1 || chunks < 1 || chunks > MAX_CHUNKS || index >= chunks) {
                throw new Malformed(
                        "format " + format + ", version " + chunkVersion + ", chunk " + index + " of " + chunks);
            }
            if (chunkVersion <= complete || chunkVersion < version) {
                return null;
            }
            if (chunkVersion > version) {
                begin(chunkVersion, chunks);
            }
            if (chunks != parts.length) {
                throw forget(
                        new Malformed("version " + version + " of " + parts.length + " and of " + chunks + " chunks"));
            }
            if (parts[index] != null) {
                return null;
            }
            byte[] part = new byte[in.remaining()];
            if (bytes + part.length > MAX_BYTES) {
                throw forget(new Malformed("more than " + MAX_BYTES + " bytes"));
            }
            in.get(part);
            parts[index] = part;
            bytes += part.length;
            missing--;
            return missing == 0 ? complete() : null;
        }

        /** The version may be put together once more, when it is sent again. */
        private Malformed forget(Malformed reason) {
            version = complete;
            parts = new byte[0][];
            return reason;
        }

        private void begin(long newVersion, int chunks) {
            version = newVersion;
            parts = new byte[chunks][];
            missing = chunks;
            bytes = 0;
        }

        private List<Entry> complete() throws Malformed {
            ByteBuffer whole = ByteBuffer.allocate(bytes);
            for (byte[] part : parts) {
                whole.put(part);
            }
            try {
                List<Entry> entries = decode(whole.array());
                complete = version;
                parts = new byte[0][];
                return entries;
            } catch (Malformed e) {
                throw forget(e);
            }
        }
    }
}
