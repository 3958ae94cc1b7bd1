package dev.penstock.benchmarks.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** Numbers as people read them. */
public final class Numbers {

    private static final int DIGITS = 3;
    private static final double KILO = 1e3;
    private static final double MEGA = 1e6;

    private Numbers() {}

    /** Three digits. */
    public static String plain(double value) {
        return plain(value, DIGITS);
    }

    public static String plain(double value, int digits) {
        if (value == 0) {
            return "0";
        }
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(digits));
        return rounded.stripTrailingZeros().toPlainString();
    }

    /** Three digits, in thousands or millions. */
    public static String big(double value) {
        if (Math.abs(value) >= MEGA) {
            return plain(value / MEGA) + " M";
        }
        return Math.abs(value) >= KILO ? plain(value / KILO) + " k" : plain(value);
    }

    /** Bytes an element, where a ten-thousandth is nothing. */
    public static String bytes(double value) {
        return value < 1 ? String.format(Locale.ROOT, "%.4f", value) : plain(value);
    }

    /** Median, lowest and highest; of one fork only the one. */
    public static String spread(Spread spread, DoubleFunction<String> number) {
        String median = number.apply(spread.median());
        return spread.forks() == 1
                ? median
                : median + " (" + number.apply(spread.lowest()) + "–" + number.apply(spread.highest()) + ")";
    }
}
