package dev.penstock.stress;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * A bug to be planted in a copy of the runtime: texts of one source file that are replaced by others.
 *
 * @param id its name
 * @param title what is wrong with it, in a sentence
 * @param file the source file, below the runtime's packages
 * @param changes old texts, each unique in the file, and what takes their place
 * @param hunters for each layer that may catch it, which of its checks to run
 */
record Mutant(String id, String title, String file, Map<String, String> changes, Map<Layer, String> hunters) {

    /**
     * {@return the mutants of the catalogue: see the comment at its top}
     */
    static List<Mutant> catalogue() {
        List<Mutant> mutants = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(Mutant.class.getResourceAsStream("mutants.txt")), StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            while (line != null) {
                if (line.startsWith("mutant ")) {
                    mutants.add(read(line.substring("mutant ".length()), lines));
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    throw new IllegalStateException("mutants.txt: not expected here: " + line);
                }
                line = lines.readLine();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return mutants;
    }

    private static Mutant read(String id, BufferedReader lines) throws IOException {
        String title = "";
        String file = "";
        Map<String, String> changes = new LinkedHashMap<>();
        Map<Layer, String> hunters = new LinkedHashMap<>();
        String line;
        while ((line = lines.readLine()) != null && !line.equals("end")) {
            if (line.startsWith("title ")) {
                title = line.substring("title ".length());
            } else if (line.startsWith("file ")) {
                file = line.substring("file ".length());
            } else if (line.startsWith("by ")) {
                String[] parts = line.split(" ", 3);
                hunters.put(Layer.valueOf(parts[1].toUpperCase(Locale.ROOT)), parts.length == 3 ? parts[2] : ".*");
            } else if (line.equals("<<<")) {
                String old = block(lines, "===");
                changes.put(old, block(lines, ">>>"));
            } else {
                throw new IllegalStateException("mutants.txt: mutant " + id + ": not expected here: " + line);
            }
        }
        if (title.isEmpty() || file.isEmpty() || changes.isEmpty() || hunters.isEmpty()) {
            throw new IllegalStateException("mutants.txt: mutant " + id + " wants title, file, by and a change");
        }
        return new Mutant(id, title, file, changes, hunters);
    }

    private static String block(BufferedReader lines, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        String line;
        while ((line = lines.readLine()) != null && !line.equals(end)) {
            text.append(text.length() == 0 ? "" : "\n").append(line);
        }
        return text.toString();
    }

    /**
     * {@return the source with the bug in it}
     *
     * @throws IllegalStateException if an old text is not there just once: the catalogue must follow the code
     */
    String plant(String source) {
        String changed = source;
        for (Map.Entry<String, String> change : changes.entrySet()) {
            int at = changed.indexOf(change.getKey());
            if (at < 0 || changed.indexOf(change.getKey(), at + 1) >= 0) {
                throw new IllegalStateException(
                        "mutant " + id + ": this is not just once in " + file + ":\n" + change.getKey());
            }
            changed = changed.replace(change.getKey(), change.getValue());
        }
        return changed;
    }
}
