package dev.penstock.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.jfree.data.Range;
import org.junit.jupiter.api.Test;

/** The ends of the axes. */
class ChartTest {

    @Test
    void axesEndAtWholeNumbers() {
        assertEquals(new Range(1, 4), Chart.widened(new Range(1.2, 3.5)));
        assertEquals(new Range(1, 3), Chart.widened(new Range(0.98, 3.02)));
    }

    /** One value alone, or values so near to each other that the axis would have no length. */
    @Test
    void anAxisHasALength() {
        assertEquals(new Range(4, 5), Chart.widened(new Range(4, 4)));
        assertEquals(new Range(4, 5), Chart.widened(new Range(3.98, 4.02)));
    }
}
