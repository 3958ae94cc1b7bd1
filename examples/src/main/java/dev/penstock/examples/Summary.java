package dev.penstock.examples;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What was received, by symbol. For one thread. */
final class Summary {

    private final Map<String, Line> lines = new TreeMap<>();
    private long count;

    void add(Price price) {
        count++;
        Line line = lines.get(price.symbol());
        if (line == null) {
            lines.put(price.symbol(), new Line(price.price()));
        } else {
            line.add(price.price());
        }
    }

    /** {@return how many prices were added} */
    long count() {
        return count;
    }

    @Override
    public String toString() {
        int decimals = lines.values().stream().mapToInt(Line::decimals).max().orElse(0);
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("symbol", "count", "first", "last", "min", "max"));
        lines.forEach((symbol, line) -> rows.add(List.of(
                Text.printable(symbol),
                String.format(Locale.ROOT, "%,d", line.count),
                plain(line.first, decimals),
                plain(line.last, decimals),
                plain(line.min, decimals),
                plain(line.max, decimals))));
        return Text.table(rows);
    }

    /** More decimals change nothing but the look. */
    private static String plain(BigDecimal price, int decimals) {
        return price.setScale(decimals).toPlainString();
    }

    private static final class Line {
        private final BigDecimal first;
        private BigDecimal last;
        private BigDecimal min;
        private BigDecimal max;
        private long count = 1;

        Line(BigDecimal price) {
            first = price;
            last = price;
            min = price;
            max = price;
        }

        void add(BigDecimal price) {
            count++;
            last = price;
            min = min.min(price);
            max = max.max(price);
        }

        int decimals() {
            return Stream.of(first, last, min, max).mapToInt(BigDecimal::scale).reduce(0, Math::max);
        }
    }
}
