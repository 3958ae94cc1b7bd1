package dev.penstock.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {

    @Test
    void theMedianOfAnOddNumberIsTheOneInTheMiddle() {
        assertEquals(new Spread(3, 1, 40, 5), Spread.of(List.of(40.0, 1.0, 3.0, 2.0, 5.0)));
    }

    @Test
    void theMedianOfAnEvenNumberLiesHalfWay() {
        assertEquals(2.5, Spread.median(List.of(4.0, 1.0, 2.0, 3.0)));
    }

    @Test
    void nothingHasNoMedian() {
        assertThrows(IllegalArgumentException.class, () -> Spread.median(List.of()));
    }

    @Test
    void aRatioIsThatOfTheMediansAndItsEndsAreTheWorstAndTheBestPair() {
        Spread ratio = new Spread(10, 8, 12, 5).to(new Spread(5, 4, 8, 3));
        assertEquals(new Spread(2, 1, 3, 3), ratio);
    }

    @Test
    void numbersHaveThreeDigits() {
        assertEquals("12.7 M", Numbers.big(12_680_000));
        assertEquals("480 k", Numbers.big(480_123));
        assertEquals("0.0123", Numbers.plain(0.012345));
        assertEquals("1230", Numbers.plain(1234));
        assertEquals("0", Numbers.plain(0));
        assertEquals("0.0004", Numbers.bytes(0.00041));
        assertEquals("99.99", Numbers.plain(99.99, 6));
    }

    @Test
    void theSpreadOfOneForkIsNotShown() {
        assertEquals("2 M", Numbers.spread(Spread.of(List.of(2e6)), Numbers::big));
        assertEquals("2 M (1 M–3 M)", Numbers.spread(Spread.of(List.of(1e6, 2e6, 3e6)), Numbers::big));
    }
}
