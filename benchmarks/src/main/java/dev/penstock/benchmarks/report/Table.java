package dev.penstock.benchmarks.report;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A table, for a Markdown page or an HTML page.
 *
 * @param note below the title; may be empty
 */
public record Table(String title, String note, List<String> columns, List<List<String>> rows) {

    public Table {
        for (List<String> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(title + ": " + row + " does not fit " + columns);
            }
        }
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    public String markdown() {
        StringBuilder text = new StringBuilder("## " + title + "\n\n");
        if (!note.isEmpty()) {
            text.append(note).append("\n\n");
        }
        text.append(markdownRow(columns));
        text.append(columns.stream().map(column -> "---").collect(Collectors.joining("|", "|", "|\n")));
        rows.forEach(row -> text.append(markdownRow(row)));
        return text.append('\n').toString();
    }

    private static String markdownRow(List<String> cells) {
        return cells.stream().map(cell -> cell.replace("|", "\\|")).collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    String html() {
        StringBuilder text = new StringBuilder("<h2>" + escaped(title) + "</h2>\n");
        if (!note.isEmpty()) {
            text.append("<p>").append(escaped(note)).append("</p>\n");
        }
        text.append("<table>\n").append(htmlRow(columns, "th"));
        rows.forEach(row -> text.append(htmlRow(row, "td")));
        return text.append("</table>\n").toString();
    }

    private static String htmlRow(List<String> cells, String tag) {
        return cells.stream()
                .map(cell -> "<" + tag + ">" + escaped(cell) + "</" + tag + ">")
                .collect(Collectors.joining("", "<tr>", "</tr>\n"));
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
