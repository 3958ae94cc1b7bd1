package dev.penstock.stress;

import java.util.List;
import java.util.SortedSet;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.vm.VMSupport;

/**
 * jcstress's main program, with one configuration of the virtual machine: the last that it finds. Where there is biased
 * locking, up to JDK 17, it would run each test with it and without, and no option says otherwise; without is the default.
 */
final class JcstressMain {

    private JcstressMain() {}

    public static void main(String[] args) throws Exception {
        Options options = new Options(args);
        if (!options.parse()) {
            System.exit(2);
        }
        new OneConfiguration(options).run();
    }

    private static final class OneConfiguration extends JCStress {
        OneConfiguration(Options options) {
            super(options);
        }

        /** Called once the configurations are known, and before they are used. */
        @Override
        public SortedSet<String> getTests() {
            List<VMSupport.Config> configurations = VMSupport.getAvailableVMConfigs();
            configurations.subList(0, configurations.size() - 1).clear();
            return super.getTests();
        }
    }
}
