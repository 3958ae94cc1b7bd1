package dev.penstock.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {

    private final Table table = new Table("Title", "A note.", List.of("", "d=1"), List.of(List.of("a|b", "x < y & z")));

    @Test
    void markdown() {
        assertEquals("""
                ## Title

                A note.

                |  | d=1 |
                |---|---|
                | a\\|b | x < y & z |

                """, table.markdown());
    }

    @Test
    void html() {
        assertTrue(table.html().contains("<tr><td>a|b</td><td>x &lt; y &amp; z</td></tr>"), table::html);
    }

    @Test
    void aRowThatDoesNotFitIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Table("Title", "", List.of("a", "b"), List.of(List.of("only one"))));
    }
}
