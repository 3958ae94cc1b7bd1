package dev.penstock.network.peer;

import dev.penstock.actor.ActorRef;
import dev.penstock.network.Member;
import dev.penstock.network.codec.Codecs;
import dev.penstock.network.link.MemoryLinks;
import dev.penstock.network.link.SteppedLoop;
import dev.penstock.testkit.Simulation;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Two members on the test's own thread, connected, and a client if the test wants one; their loops run when it says so. */
final class SteppedNodes {

    final MemoryLinks.Network network = new MemoryLinks.Network();
    final Side a;
    final Side b;
    private final Simulation simulation;
    private final List<Side> sides = new ArrayList<>();

    SteppedNodes(Simulation simulation) throws IOException {
        this.simulation = simulation;
        a = new Side("a", 1);
        b = new Side("b", 2);
        a.node.members(List.of(a.member, b.member));
        b.node.members(List.of(a.member, b.member));
        loops();
    }

    /** A client that is connected to a member. */
    Side clientOf(Side member) throws IOException {
        Side client = new Side(Node.CLIENT + "c", 3);
        client.node.connect(member.member.address(), why -> {});
        loops();
        return client;
    }

    /** What a client has of an actor, by its member, which is another than the actor's. */
    @SuppressWarnings("unchecked") // it is the ref that was looked up
    <M> ActorRef<M> lookUp(Side client, Side member, Side of, ActorRef<M> actor) {
        Directory.Entry entry = new Directory.Entry(of.member, member.refTo(of, actor));
        member.node.directory((key, type, listener) -> {
            listener.found(List.of(entry));
            return () -> {};
        });
        List<ActorRef<?>> found = new ArrayList<>();
        client.node.lookup("k", "t", entries -> entries.forEach(each -> found.add(each.ref())));
        loops();
        return (ActorRef<M>) found.get(0);
    }

    /** Runs the loops until they have nothing to do; answers how many steps it was. */
    int loops() {
        int all = 0;
        int before;
        do {
            before = all;
            for (Side side : sides) {
                all += side.loop.run();
            }
        } while (all > before);
        return all;
    }

    /** Everything until nothing moves. */
    void settle() {
        do {
            simulation.runUntilIdle();
        } while (loops() > 0);
        simulation.runUntilIdle();
    }

    static Object field(Object of, String name) throws ReflectiveOperationException {
        Field field = of.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }

    /** One of them. */
    final class Side {
        final SteppedLoop loop = new SteppedLoop();
        final Member member;
        final Node node;

        private Side(String name, long incarnation) throws IOException {
            MemoryLinks links = new MemoryLinks(network, loop);
            Node[] made = new Node[1];
            InetSocketAddress address =
                    links.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> made[0].accept());
            member = new Member(name, incarnation, address);
            node = made[0] = new Node(
                    simulation.system(), "test", member, Codecs.none(), links, 5_000_000_000L, new Node.Listener() {
                        @Override
                        public void up(Member member) {}

                        @Override
                        public void down(Member member, String why) {}
                    });
            sides.add(this);
        }

        /** A ref of another side's actor, as a registry would make it. */
        <M> ActorRef<M> refTo(Side other, ActorRef<M> theirs) {
            return node.remote(other.member, other.node.export(theirs), theirs.path());
        }

        Session session(Side to) {
            return node.peer(to.member.name(), to.member.incarnation()).session();
        }
    }
}
