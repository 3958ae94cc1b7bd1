package dev.penstock.network.faults;

import java.util.List;

/**
 * What the nodes of a test are linked by.
 *
 * @param name for people
 * @param main the main class of a node
 * @param secure whether nodes have certificates, and talk TLS; otherwise they talk plain text
 * @param jvmOptions what a node's JVM has to be told
 */
public record Wires(String name, Class<?> main, boolean secure, List<String> jvmOptions) {}
