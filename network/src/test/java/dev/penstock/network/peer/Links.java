package dev.penstock.network.peer;

import dev.penstock.network.Keytool;
import dev.penstock.network.link.GateLimits;
import dev.penstock.network.link.LinkProvider;
import dev.penstock.network.link.MemoryLinks;
import dev.penstock.network.link.NettyLinks;
import dev.penstock.network.link.ThreadLoop;
import java.util.function.Function;

/** The transports of this module. */
enum Links implements NodeLinks {
    MEMORY {
        @Override
        public Function<String, LinkProvider> open() {
            MemoryLinks.Network network = new MemoryLinks.Network();
            return node -> new MemoryLinks(network, new ThreadLoop());
        }
    },
    PLAINTEXT {
        @Override
        public Function<String, LinkProvider> open() {
            return node -> NettyLinks.plaintext(GateLimits.DEFAULT);
        }
    },
    TLS {
        @Override
        public Function<String, LinkProvider> open() {
            return node -> NettyLinks.secure(Keytool.node(node), Keytool.CLUSTER, GateLimits.DEFAULT);
        }
    };

    @Override
    public LinkProvider openClient() {
        return this == TLS
                ? NettyLinks.secure(Keytool.client("c"), Keytool.CLUSTER, GateLimits.DEFAULT)
                : NettyLinks.plaintext(GateLimits.DEFAULT);
    }
}
