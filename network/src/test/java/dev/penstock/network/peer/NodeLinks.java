package dev.penstock.network.peer;

import dev.penstock.network.link.LinkProvider;
import java.util.function.Function;

/** A transport that tests run on. */
public interface NodeLinks {

    /** Makes the links of each node, by its name. */
    Function<String, LinkProvider> open();

    /** Makes the links of the client c. */
    LinkProvider openClient();
}
