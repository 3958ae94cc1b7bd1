package dev.penstock.network.link;

/** A loop of links that need no network. */
public interface TestLoop extends Loop {

    /** Runs what is to run now, and takes nothing more. Not from the loop. */
    void end();
}
