package dev.penstock.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorSystem;
import java.io.File;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The tests run on the class path; a module layer of its own shows that the named module works too. */
class NamedModuleTest {

    private static final String NAME = "dev.penstock.network";

    @Test
    void itExportsTheApiAlone() {
        ModuleDescriptor descriptor = ModuleFinder.of(locationOf(Cluster.class))
                .find(NAME)
                .orElseThrow()
                .descriptor();
        assertEquals(
                Set.of("dev.penstock.network", "dev.penstock.network.codec", "dev.penstock.network.link"),
                descriptor.exports().stream()
                        .map(ModuleDescriptor.Exports::source)
                        .collect(Collectors.toSet()));
        assertTrue(descriptor.exports().stream().noneMatch(ModuleDescriptor.Exports::isQualified), "no friends");
        assertTrue(descriptor.opens().isEmpty(), "nothing is opened to reflection");
    }

    @Test
    void aClusterIsJoinedInTheNamedModule() throws Exception {
        List<String> wanted = List.of("netty-", "jgroups-", "jctools-");
        Path[] path = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(entry -> wanted.stream().anyMatch(entry.getFileName().toString()::startsWith)
                        || entry.equals(locationOf(Cluster.class))
                        || entry.equals(locationOf(ActorSystem.class)))
                .toArray(Path[]::new);
        ModuleLayer boot = ModuleLayer.boot();
        Configuration configuration =
                boot.configuration().resolve(ModuleFinder.of(path), ModuleFinder.of(), Set.of(NAME));
        ClassLoader loader = boot.defineModulesWithOneLoader(configuration, ClassLoader.getPlatformClassLoader())
                .findLoader(NAME);

        Class<?> systemType = loader.loadClass(ActorSystem.class.getName());
        Class<?> optionsType = loader.loadClass(ClusterOptions.class.getName());
        Class<?> clusterType = loader.loadClass(Cluster.class.getName());
        assertEquals(NAME, clusterType.getModule().getName());
        int port = FreePorts.any();
        Object options = optionsType
                .getMethod("bind", String.class, int.class)
                .invoke(
                        optionsType.getMethod("of", String.class, String.class).invoke(null, "modules", "a"),
                        "127.0.0.1",
                        port);
        Method join = clusterType.getMethod("join", systemType, optionsType);
        try (AutoCloseable system = (AutoCloseable)
                        systemType.getMethod("create", String.class).invoke(null, "modules");
                AutoCloseable cluster = (AutoCloseable) join.invoke(null, system, options)) {
            assertEquals(1, ((List<?>) clusterType.getMethod("members").invoke(cluster)).size());
        }
    }

    private static Path locationOf(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException malformed) {
            throw new IllegalStateException(malformed);
        }
    }
}
