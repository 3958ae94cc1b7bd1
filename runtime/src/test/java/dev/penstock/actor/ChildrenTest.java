package dev.penstock.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Logs.class)
class ChildrenTest {

    private final List<String> stopped = new ArrayList<>();

    /** An actor that does with its context what it is told, and writes its end down. */
    private Behavior<Consumer<ActorContext<?>>> puppet() {
        return Behaviors.receive(
                (context, action) -> {
                    action.accept(context);
                    return Behaviors.same();
                },
                (context, signal) -> {
                    if (signal instanceof PostStop) {
                        stopped.add(context.self().path());
                    }
                    return Behaviors.same();
                });
    }

    /** A tree of so many levels, two children each. */
    private Behavior<Consumer<ActorContext<?>>> tree(int levels) {
        return Behaviors.setup(context -> {
            if (levels > 0) {
                context.spawn(tree(levels - 1), "a");
                context.spawn(tree(levels - 1), "b");
            }
            return puppet();
        });
    }

    @Test
    void theEndOfAParentIsTheEndOfItsGrandchildren() {
        try (var stepped = new SteppedSystem()) {
            var root = stepped.spawn(tree(3), "root");
            assertEquals(15, stepped.system.actors().size());
            stepped.stop(root);
            assertEquals(List.of(), stepped.system.actors());
            assertEquals(15, stopped.size());
        }
    }

    @Test
    void childrenStopBeforeTheirParent() {
        try (var stepped = new SteppedSystem()) {
            var root = stepped.spawn(tree(2), "root");
            stepped.stop(root);
            for (String path : stopped) {
                int mine = stopped.indexOf(path);
                for (String other : stopped) {
                    if (other.startsWith(path + "/")) {
                        assertTrue(stopped.indexOf(other) < mine, () -> path + " stopped before " + other);
                    }
                }
            }
            assertEquals(7, stopped.size());
            assertEquals("/test/root", stopped.get(6));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.penstock.actor.RealDispatcher#all")
    void aTreeStopsFromItsLeavesOnEveryDispatcher(RealDispatcher dispatcher) throws Exception {
        Map<String, Boolean> ended = new ConcurrentHashMap<>();
        List<String> wrong = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch root = new CountDownLatch(1);
        try (ActorSystem system = dispatcher.system()) {
            ActorRef<String> top = system.spawn(deep(5, ended, wrong, root), "root");
            Await.until(() -> system.actors().size() == 63, "63 actors live");
            top.tell("stop");
            Await.on(root);
            assertEquals(List.of(), wrong);
            assertEquals(63, ended.size());
        }
    }

    private static Behavior<String> deep(
            int levels, Map<String, Boolean> ended, List<String> wrong, CountDownLatch root) {
        return Behaviors.setup(outer -> {
            if (levels > 0) {
                outer.spawn(deep(levels - 1, ended, wrong, root), "a");
                outer.spawn(deep(levels - 1, ended, wrong, root), "b");
            }
            return Behaviors.receive((context, message) -> Behaviors.stopped(), (context, signal) -> {
                String path = context.self().path();
                if (levels > 0 && !(ended.containsKey(path + "/a") && ended.containsKey(path + "/b"))) {
                    wrong.add(path);
                }
                ended.put(path, true);
                if (path.equals("/test/root")) {
                    root.countDown();
                }
                return Behaviors.same();
            });
        });
    }

    @Test
    void aParentStopsAChildAndGoesOn() {
        try (var stepped = new SteppedSystem()) {
            List<ActorRef<?>> children = new ArrayList<>();
            List<Integer> living = new ArrayList<>();
            var parent = stepped.spawn(puppet(), "parent");
            stepped.tell(parent, context -> {
                children.add(context.spawn(puppet(), "one"));
                children.add(context.spawn(puppet(), "two"));
                living.add(context.children().size());
            });
            stepped.tell(parent, context -> context.stop(children.get(0)));
            assertEquals(List.of("/test/parent/one"), stopped);
            stepped.tell(parent, context -> assertEquals(List.of(children.get(1)), List.copyOf(context.children())));
            assertTrue(stepped.isAlive(parent));
            assertEquals(List.of(2), living);
        }
    }

    @Test
    void onlyAParentStopsAnActor() {
        try (var stepped = new SteppedSystem()) {
            List<ActorRef<?>> child = new ArrayList<>();
            List<Throwable> refusals = new ArrayList<>();
            var parent = stepped.spawn(puppet(), "parent");
            var stranger = stepped.spawn(puppet(), "stranger");
            stepped.tell(parent, context -> child.add(context.spawn(puppet(), "child")));
            stepped.tell(
                    stranger,
                    context -> refusals.add(
                            assertThrows(IllegalArgumentException.class, () -> context.stop(child.get(0)))));
            stepped.tell(
                    parent,
                    context -> refusals.add(
                            assertThrows(IllegalArgumentException.class, () -> context.stop(context.self()))));
            assertEquals(2, refusals.size());
            assertThrows(IllegalArgumentException.class, () -> stepped.system.stop(child.get(0)));
            stepped.run();
            assertTrue(stepped.isAlive(child.get(0)));
        }
    }

    @Test
    void aSystemStopsOnlyItsOwnActors() {
        try (var one = new SteppedSystem();
                var other = new SteppedSystem()) {
            ActorRef<String> actor = one.spawn(Behaviors.ignore(), "actor");
            assertThrows(IllegalArgumentException.class, () -> other.system.stop(actor));
        }
    }

    @Test
    void stoppingAStoppedActorDoesNothing() {
        try (var stepped = new SteppedSystem()) {
            List<ActorRef<?>> child = new ArrayList<>();
            var parent = stepped.spawn(puppet(), "parent");
            stepped.tell(parent, context -> child.add(context.spawn(puppet(), "child")));
            stepped.tell(parent, context -> {
                context.stop(child.get(0));
                context.stop(child.get(0));
            });
            stepped.tell(parent, context -> context.stop(child.get(0)));
            stepped.stop(parent);
            stepped.stop(parent);
            assertEquals(List.of("/test/parent/child", "/test/parent"), stopped);
        }
    }

    @Test
    void aNameIsTakenWhileItsActorLives() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> first = stepped.spawn(Behaviors.ignore(), "name");
            var refusal = assertThrows(
                    IllegalArgumentException.class, () -> stepped.system.spawn(Behaviors.ignore(), "name"));
            assertTrue(refusal.getMessage().contains("/test/name"), refusal::getMessage);
            assertTrue(stepped.isAlive(first));
            stepped.stop(first);
            ActorRef<String> second = stepped.spawn(Behaviors.ignore(), "name");
            assertNotSame(first, second);
            assertTrue(stepped.isAlive(second));
            assertFalse(first.tell("to the first"));
            assertTrue(second.tell("to the second"));
        }
    }

    @Test
    void aNameIsTakenWhileItsActorWaitsForItsChildren() {
        try (var stepped = new SteppedSystem()) {
            var parent = stepped.spawn(tree(1), "parent");
            stepped.system.stop(parent);
            assertTrue(stepped.dispatcher.runOne());
            assertThrows(IllegalArgumentException.class, () -> stepped.system.spawn(Behaviors.ignore(), "parent"));
            stepped.run();
            assertTrue(stepped.isAlive(stepped.spawn(Behaviors.ignore(), "parent")));
        }
    }

    @Test
    void aParentMayReuseTheNameWhenItHearsOfTheEnd() {
        try (var stepped = new SteppedSystem()) {
            List<ActorRef<?>> children = new ArrayList<>();
            Behavior<String> child = Behaviors.receive((context, message) -> Behaviors.stopped());
            ActorRef<String> parent = stepped.spawn(
                    Behaviors.setup(context -> {
                        ActorRef<String> first = context.spawn(child, "child");
                        context.watch(first);
                        children.add(first);
                        first.tell("stop");
                        return Behaviors.receive((inner, message) -> Behaviors.same(), (inner, signal) -> {
                            if (signal instanceof Terminated) {
                                children.add(inner.spawn(child, "child"));
                            }
                            return Behaviors.same();
                        });
                    }),
                    "parent");
            assertEquals(2, children.size());
            assertTrue(stepped.isAlive(children.get(1)));
            stepped.stop(parent);
            assertEquals(List.of(), stepped.system.actors());
        }
    }

    @Test
    void siblingsHaveNamesOfTheirOwnButCousinsMayShareOne() {
        try (var stepped = new SteppedSystem()) {
            List<Throwable> refusals = new ArrayList<>();
            var a = stepped.spawn(puppet(), "a");
            var b = stepped.spawn(puppet(), "b");
            stepped.tell(a, context -> {
                context.spawn(puppet(), "same");
                refusals.add(assertThrows(IllegalArgumentException.class, () -> context.spawn(puppet(), "same")));
            });
            stepped.tell(b, context -> context.spawn(puppet(), "same"));
            assertEquals(1, refusals.size());
            assertTrue(stepped.system.lookup("a/same").isPresent());
            assertTrue(stepped.system.lookup("b/same").isPresent());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t", "a/b", "/", "/a"})
    void aBadNameIsRefused(String name) {
        try (var stepped = new SteppedSystem()) {
            List<Throwable> refusals = new ArrayList<>();
            assertThrows(IllegalArgumentException.class, () -> stepped.system.spawn(Behaviors.ignore(), name));
            var parent = stepped.spawn(puppet(), "parent");
            stepped.tell(
                    parent,
                    context -> refusals.add(assertThrows(
                            IllegalArgumentException.class, () -> context.spawn(Behaviors.ignore(), name))));
            assertEquals(1, refusals.size());
            assertEquals(List.of("/test/parent"), stepped.system.actors());
            assertThrows(IllegalArgumentException.class, () -> ActorSystem.builder(name));
        }
    }

    @Test
    void aStoppingActorCannotSpawn() {
        try (var stepped = new SteppedSystem()) {
            List<Throwable> refusals = new ArrayList<>();
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.receive((context, message) -> Behaviors.same(), (context, signal) -> {
                        refusals.add(assertThrows(
                                IllegalStateException.class, () -> context.spawn(Behaviors.ignore(), "orphan")));
                        return Behaviors.same();
                    }),
                    "actor");
            stepped.stop(actor);
            assertEquals(1, refusals.size());
            assertInstanceOf(IllegalStateException.class, refusals.get(0));
            assertEquals(List.of(), stepped.system.actors());
        }
    }

    @Test
    void aFailedChildLeavesItsParentAlone() {
        try (var stepped = new SteppedSystem()) {
            List<ActorRef<Consumer<ActorContext<?>>>> child = new ArrayList<>();
            var parent = stepped.spawn(puppet(), "parent");
            stepped.tell(parent, context -> child.add(context.spawn(puppet(), "child")));
            stepped.tell(child.get(0), context -> {
                throw new Boom("child");
            });
            assertFalse(stepped.isAlive(child.get(0)));
            assertTrue(stepped.isAlive(parent));
            List<Integer> left = new ArrayList<>();
            stepped.tell(parent, context -> left.add(context.children().size()));
            assertEquals(List.of(0), left);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.penstock.actor.RealDispatcher#withThreads")
    void ofManyWhoWantOneNameOneGetsIt(RealDispatcher dispatcher) throws Exception {
        try (ActorSystem system = dispatcher.system()) {
            for (int round = 0; round < 200; round++) {
                String name = "name-" + round;
                CountDownLatch go = new CountDownLatch(1);
                List<Await.Running<Boolean>> spawners = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    spawners.add(Await.async(() -> {
                        Await.on(go);
                        try {
                            system.spawn(Behaviors.ignore(), name);
                            return true;
                        } catch (IllegalArgumentException taken) {
                            return false;
                        }
                    }));
                }
                go.countDown();
                assertTrue(spawners.get(0).get() ^ spawners.get(1).get());
            }
            assertEquals(200, system.actors().size());
        }
    }
}
