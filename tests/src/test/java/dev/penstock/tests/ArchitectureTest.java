package dev.penstock.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.penstock.actor.ActorSystem;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.junit.jupiter.api.Test;

/** The rules that the file list and the imports keep. */
class ArchitectureTest {
    private static final String RUNTIME_MODULE = "dev.penstock.runtime";
    private static final Set<String> EXPORTED_PACKAGES = Set.of("dev.penstock.actor", "dev.penstock.stream");
    private static final String PUBLIC_API_RESOURCE = "/public-api.txt";

    private static final Path RUNTIME = locationOf(ActorSystem.class);
    private static final JavaClasses RUNTIME_CLASSES = importRuntime();

    @Test
    void actorsKnowNothingOfStreams() {
        noClasses()
                .that()
                .resideInAPackage("dev.penstock.actor..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.penstock.stream..")
                .because("stream uses actor, never back")
                .check(RUNTIME_CLASSES);
    }

    @Test
    void theRuntimeDependsOnTheJdkAndJctoolsOnly() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.penstock.actor..", "dev.penstock.stream..", "java..", "org.jctools..")
                .check(RUNTIME_CLASSES);
    }

    @Test
    void noUnsafe() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("sun..", "jdk.internal..")
                .check(RUNTIME_CLASSES);
    }

    @Test
    void publicTypesAreTheListedOnes() throws IOException {
        Set<String> actual = RUNTIME_CLASSES.stream()
                .filter(type -> type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC))
                .map(JavaClass::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> listed = listedPublicTypes();

        assertEquals(
                String.join("\n", listed),
                String.join("\n", actual),
                () -> "The public types of the runtime are not those of tests/src/test/resources/public-api.txt."
                        + "\n  public, not listed: " + without(actual, listed)
                        + "\n  listed, not public: " + without(listed, actual)
                        + "\nMake a type package-private if it need not be public. If the change is meant, make the file say:"
                        + "\n" + String.join("\n", actual) + "\n");
    }

    @Test
    void theModuleExportsExactlyTwoPackages() {
        ModuleDescriptor descriptor = runtimeModule().descriptor();

        assertEquals(RUNTIME_MODULE, descriptor.name());
        assertEquals(
                EXPORTED_PACKAGES,
                descriptor.exports().stream()
                        .map(ModuleDescriptor.Exports::source)
                        .collect(Collectors.toSet()));
        assertTrue(descriptor.exports().stream().noneMatch(ModuleDescriptor.Exports::isQualified), "no friends");
        assertTrue(descriptor.opens().isEmpty(), "nothing is opened to reflection");
    }

    /** These tests run on the class path; a module layer of its own shows that the named module works too. */
    @Test
    void anActorSystemRunsInTheNamedModule() throws Exception {
        ModuleFinder modules = ModuleFinder.of(
                RUNTIME, locationOf(MpscUnboundedVarHandleArrayQueue.class), locationOf(MessagePassingQueue.class));
        ModuleLayer boot = ModuleLayer.boot();
        Configuration configuration = boot.configuration().resolve(modules, ModuleFinder.of(), Set.of(RUNTIME_MODULE));
        ModuleLayer layer = boot.defineModulesWithOneLoader(configuration, ClassLoader.getPlatformClassLoader());

        Class<?> systemType = layer.findLoader(RUNTIME_MODULE).loadClass(ActorSystem.class.getName());
        assertEquals(RUNTIME_MODULE, systemType.getModule().getName());
        Object system = systemType.getMethod("create", String.class).invoke(null, "named-module");
        ((AutoCloseable) system).close();
    }

    private static JavaClasses importRuntime() {
        URI location = RUNTIME.toUri();
        try {
            // A folder of classes after "mvn test", a jar after "mvn verify".
            URI classes = Files.isDirectory(RUNTIME) ? location : URI.create("jar:" + location + "!/");
            return new ClassFileImporter().importUrl(classes.toURL());
        } catch (MalformedURLException malformed) {
            throw new IllegalStateException(malformed);
        }
    }

    private static ModuleReference runtimeModule() {
        Set<ModuleReference> modules = ModuleFinder.of(RUNTIME).findAll();
        assertEquals(1, modules.size(), () -> "one module expected in " + RUNTIME + ", found " + modules);
        ModuleReference module = modules.iterator().next();
        assertTrue(!module.descriptor().isAutomatic(), () -> RUNTIME + " has no module descriptor");
        return module;
    }

    private static Set<String> listedPublicTypes() throws IOException {
        try (var resource = ArchitectureTest.class.getResourceAsStream(PUBLIC_API_RESOURCE)) {
            List<String> lines = new String(resource.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
            return new TreeSet<>(lines);
        }
    }

    private static Set<String> without(Set<String> some, Set<String> others) {
        Set<String> rest = new TreeSet<>(some);
        rest.removeAll(others);
        return rest;
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
