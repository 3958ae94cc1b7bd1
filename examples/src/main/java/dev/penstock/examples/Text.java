package dev.penstock.examples;

import java.util.List;

/** Text for people to read. */
final class Text {

    private static final int LONGEST_QUOTE = 40;

    private Text() {}

    /** The text without anything that a terminal might take for a command. */
    static String printable(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            int type = Character.getType(c);
            boolean shown = type != Character.CONTROL
                    && type != Character.FORMAT
                    && type != Character.SURROGATE
                    && type != Character.LINE_SEPARATOR
                    && type != Character.PARAGRAPH_SEPARATOR;
            printable.appendCodePoint(shown ? c : '?');
        });
        return printable.toString();
    }

    /** The text in quotes, shortened if it is long. */
    static String quote(String text) {
        boolean isLong = text.codePointCount(0, text.length()) > LONGEST_QUOTE;
        String shown = isLong ? text.substring(0, text.offsetByCodePoints(0, LONGEST_QUOTE)) + "…" : text;
        return "'" + printable(shown) + "'";
    }

    /** Rows with their columns aligned: the first to the left, the others to the right. */
    static String table(List<List<String>> rows) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        StringBuilder table = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String padding = " ".repeat(widths[i] - width(row.get(i)));
                line.append(i == 0 ? "" : "  ").append(i == 0 ? row.get(i) + padding : padding + row.get(i));
            }
            table.append(line.toString().stripTrailing()).append('\n');
        }
        return table.toString();
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
