package dev.penstock.network.aeron;

import dev.penstock.network.Keytool;
import dev.penstock.network.link.LinkProvider;
import dev.penstock.network.peer.NodeLinks;
import java.util.function.Function;

/** The transports of this module, for tests of nodes. */
enum AeronNodes implements NodeLinks {
    UDP {
        @Override
        public Function<String, LinkProvider> open() {
            return node -> AeronTransport.embedded().open(Keytool.CLUSTER, null);
        }
    },
    TLS {
        @Override
        public Function<String, LinkProvider> open() {
            return node -> AeronTransport.embedded().open(Keytool.CLUSTER, Keytool.node(node));
        }

        @Override
        public LinkProvider openClient() {
            return AeronTransport.embedded().open(Keytool.CLUSTER, Keytool.client("c"));
        }
    },
    SMALLEST_TERMS {
        @Override
        public Function<String, LinkProvider> open() {
            return node -> AeronTransport.embedded()
                    .termLength(AeronTransport.LEAST_TERM)
                    .open(Keytool.CLUSTER, null);
        }
    };

    @Override
    public LinkProvider openClient() {
        return open().apply("c");
    }
}
