/** Test support for actors and streams: a seeded single-threaded dispatcher, virtual time and probes. */
module dev.penstock.testkit {
    requires transitive dev.penstock.runtime;

    exports dev.penstock.testkit;
}
