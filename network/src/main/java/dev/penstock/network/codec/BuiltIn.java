package dev.penstock.network.codec;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** The codecs that need no registration. Their place in the list is their number. */
record BuiltIn<T>(Class<T> type, String shape, BiConsumer<WireWriter, T> writer, Function<WireReader, T> reader)
        implements Codec<T> {

    static final List<Codec<?>> FROM_NUMBER_1 = List.of(
            new BuiltIn<>(Boolean.class, "boolean", WireWriter::putBoolean, WireReader::getBoolean),
            new BuiltIn<Byte>(Byte.class, "byte", WireWriter::putByte, WireReader::getByte),
            new BuiltIn<Short>(Short.class, "short", WireWriter::putShort, WireReader::getShort),
            new BuiltIn<>(Integer.class, "int", WireWriter::putInt, WireReader::getInt),
            new BuiltIn<>(Long.class, "long", WireWriter::putLong, WireReader::getLong),
            new BuiltIn<>(Float.class, "float", WireWriter::putFloat, WireReader::getFloat),
            new BuiltIn<>(Double.class, "double", WireWriter::putDouble, WireReader::getDouble),
            new BuiltIn<>(Character.class, "char", WireWriter::putChar, WireReader::getChar),
            new BuiltIn<>(String.class, "String", WireWriter::putString, WireReader::getString),
            new BuiltIn<>(byte[].class, "bytes", WireWriter::putBytes, WireReader::getBytes));

    @Override
    public void write(T value, WireWriter out) {
        writer.accept(out, value);
    }

    @Override
    public T read(WireReader in) {
        return reader.apply(in);
    }
}
