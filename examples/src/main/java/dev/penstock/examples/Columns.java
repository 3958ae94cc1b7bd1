package dev.penstock.examples;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The names that a file's header gives to what a price is made of.
 *
 * @param symbol the column of the symbol
 * @param date the column of the date
 * @param price the column of the price
 */
record Columns(String symbol, String date, String price) {

    /**
     * Reads what follows {@code --columns}.
     *
     * @param text such as {@code date=day,price=close}; what is left out keeps its own name
     * @throws IllegalArgumentException if it is something else
     */
    static Columns parse(String text) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String key = part.substring(0, Math.max(0, equals)).strip();
            String name = part.substring(equals + 1).strip();
            if (equals < 0 || name.isEmpty() || !key.matches("symbol|date|price")) {
                throw new IllegalArgumentException(
                        Text.quote(part) + " is none of symbol=NAME, date=NAME, price=NAME (several: with commas)");
            }
            if (names.put(key, name) != null) {
                throw new IllegalArgumentException(key + " is given twice");
            }
        }
        return new Columns(
                names.getOrDefault("symbol", "symbol"),
                names.getOrDefault("date", "date"),
                names.getOrDefault("price", "price"));
    }
}
