package dev.penstock.network.membership;

import javax.net.ssl.SSLContext;

/** The certificates of a node. */
@FunctionalInterface
public interface Trust {

    /**
     * The context for connections of both directions. Its trust manager accepts members of this cluster only: nothing here
     * looks at a certificate again.
     *
     * @return the context
     */
    SSLContext context();
}
