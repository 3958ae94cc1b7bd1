package dev.penstock.network.membership;

import org.jgroups.util.ThreadFactory;

/** JGroups' threads of one node: daemons, whose names say whose they are. */
final class NodeThreads implements ThreadFactory {

    private final String prefix;

    NodeThreads(String node) {
        prefix = "penstock-jgroups-" + node + "-";
    }

    @Override
    public Thread newThread(Runnable task) {
        return newThread(task, "pool");
    }

    @Override
    public Thread newThread(Runnable task, String name) {
        Thread thread = new Thread(task, prefix + name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public boolean useVirtualThreads() {
        return false;
    }

    @Override
    public void setPattern(String pattern) {
        // The names are ours.
    }

    @Override
    public void setIncludeClusterName(boolean include) {
        // The names are ours.
    }

    @Override
    public void setClusterName(String cluster) {
        // The names are ours.
    }

    @Override
    public void setAddress(String address) {
        // The names are ours.
    }

    @Override
    public void renameThread(String base, Thread thread) {
        // The names are ours.
    }
}
