package dev.penstock.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;

/** Writes the verdict page: one self-contained HTML file that says what was run, where, and what came of it. */
final class Verdict {

    private Verdict() {}

    /** A layer and its run. */
    record Entry(Layer layer, Run run) {
        String word() {
            if (run.timedOut()) {
                return "hung";
            }
            return run.status() == 0 ? "ok" : run.status() == 2 ? "could not run" : "FAILED";
        }

        String sentence() {
            return String.format(
                    "%-14s %-13s %5d s  %s", layer, word(), run.took().toSeconds(), run.lastLine());
        }
    }

    /** Writes the page into the folder. */
    static Path write(Path folder, Map<String, String> machine, List<Entry> entries) throws IOException {
        StringBuilder html = new StringBuilder(4096);
        boolean ok = entries.stream().allMatch(entry -> entry.run().status() == 0);
        html.append(
                        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Penstock stress verdict</title>\n")
                .append("<style>body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}")
                .append(
                        "table{border-collapse:collapse}td,th{text-align:left;padding:.3em .8em;border-bottom:1px solid #ccc}")
                .append(
                        ".ok{color:#070}.bad{color:#b00;font-weight:bold}pre{background:#f4f4f4;padding:1em;overflow:auto}")
                .append("</style>\n<h1>Penstock stress: ")
                .append(ok ? "<span class=\"ok\">nothing was found</span>" : "<span class=\"bad\">not green</span>")
                .append("</h1>\n<p>")
                .append(ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'")))
                .append("</p>\n<table>\n");
        for (Map.Entry<String, String> fact : machine.entrySet()) {
            html.append("<tr><th>")
                    .append(escaped(fact.getKey()))
                    .append("<td>")
                    .append(escaped(fact.getValue()))
                    .append("\n");
        }
        html.append("</table>\n<h2>Layers</h2>\n<table>\n<tr><th>layer<th>verdict<th>seconds<th>totals\n");
        for (Entry entry : entries) {
            html.append("<tr><td>")
                    .append(escaped(entry.layer().title()))
                    .append(entry.run().status() == 0 ? "<td class=\"ok\">" : "<td class=\"bad\">")
                    .append(entry.word())
                    .append("<td>")
                    .append(entry.run().took().toSeconds())
                    .append("<td>")
                    .append(escaped(entry.run().lastLine()))
                    .append("\n");
        }
        html.append("</table>\n");
        for (Entry entry : entries) {
            html.append("<h2>")
                    .append(entry.layer())
                    .append("</h2>\n<pre>")
                    .append(escaped(String.join("\n", entry.run().output())))
                    .append("</pre>\n");
        }
        if (Files.exists(folder.resolve("jcstress").resolve("index.html"))) {
            html.append("<p><a href=\"jcstress/index.html\">jcstress's own report</a></p>\n");
        }
        Path page = folder.resolve("index.html");
        Files.writeString(page, html.append("</html>\n"));
        return page;
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
