package dev.penstock.benchmarks.network;

import dev.penstock.network.codec.Codec;
import dev.penstock.network.codec.Codecs;
import dev.penstock.network.codec.WireReader;
import dev.penstock.network.codec.WireWriter;

/** How ticks travel with us; allocates nothing when it writes. */
final class TickCodec implements Codec<Tick> {

    private static final int NUMBER = 100;

    static final Codecs CODECS = Codecs.builder().add(NUMBER, new TickCodec()).build();

    @Override
    public Class<Tick> type() {
        return Tick.class;
    }

    @Override
    public String shape() {
        return "Tick(long sequence,long intendedNanos,long bid,long ask)";
    }

    @Override
    public void write(Tick tick, WireWriter out) {
        out.putLong(tick.sequence());
        out.putLong(tick.intendedNanos());
        out.putLong(tick.bid());
        out.putLong(tick.ask());
    }

    @Override
    public Tick read(WireReader in) {
        return new Tick(in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }
}
