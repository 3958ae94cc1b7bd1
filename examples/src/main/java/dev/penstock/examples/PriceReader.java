package dev.penstock.examples;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** Reads prices from a CSV file with a header. Every complaint names the file and the line. For one thread. */
final class PriceReader implements Closeable {

    /** Blank lines come as records, so that lines can be counted; they are left out here. */
    private static final CSVFormat FORMAT = CSVFormat.DEFAULT
            .builder()
            .setIgnoreEmptyLines(false)
            .setIgnoreSurroundingSpaces(true)
            .get();

    private static final DateTimeFormatter MONTH_DAY_YEAR = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .appendPattern("MMM d uuuu")
            .toFormatter(Locale.ENGLISH)
            .withResolverStyle(ResolverStyle.STRICT);

    /** Longer numbers are no prices, and take long to read. */
    private static final int LONGEST_NUMBER = 64;

    private final String name;
    private final String constantSymbol; // null if it has a column
    private final CSVParser parser;
    private final Iterator<CSVRecord> rows;
    private final int width;
    private final int symbolAt;
    private final int dateAt;
    private final int priceAt;

    private long line; // where the row begins that was read last

    /**
     * Opens the file and reads its header.
     *
     * @param file what to read
     * @param columns where to find things
     * @param constantSymbol the symbol of all rows; null if a column has it
     */
    PriceReader(PriceFile file, Columns columns, String constantSymbol) throws BadInputException {
        name = Text.printable(file.name());
        this.constantSymbol = constantSymbol;
        try {
            parser = CSVParser.builder()
                    .setReader(new Utf8Reader(file.open()))
                    .setFormat(FORMAT)
                    .get();
        } catch (IOException e) {
            throw bad(e);
        }
        boolean opened = false;
        try {
            rows = parser.iterator();
            CSVRecord header = nextRow();
            if (header == null) {
                throw new BadInputException(name + ": empty: not even a header");
            }
            width = header.size();
            List<String> names = header.toList();
            symbolAt = constantSymbol != null ? -1 : position(columns.symbol(), names);
            dateAt = position(columns.date(), names);
            priceAt = position(columns.price(), names);
            opened = true;
        } finally {
            if (!opened) {
                close();
            }
        }
    }

    /**
     * {@return the next price; null at the end}
     *
     * @throws BadInputException.Row if the row is bad; the next call reads the one after it
     * @throws BadInputException if the file is
     */
    Price next() throws BadInputException {
        CSVRecord row = nextRow();
        if (row == null) {
            return null;
        }
        if (row.size() != width) {
            throw badRow(row.size() + (row.size() == 1 ? " field" : " fields") + ", where the header has " + width);
        }
        return new Price(symbol(row), date(row.get(dateAt)), price(row.get(priceAt)));
    }

    @Override
    public void close() {
        try {
            parser.close();
        } catch (IOException e) {
            // All that was wanted has been read.
        }
    }

    private CSVRecord nextRow() throws BadInputException {
        CSVRecord row;
        do {
            line = parser.getCurrentLineNumber() + 1;
            try {
                row = rows.hasNext() ? rows.next() : null;
            } catch (UncheckedIOException e) {
                throw bad(e.getCause());
            }
        } while (row != null && row.size() == 1 && row.get(0).isBlank());
        return row;
    }

    private int position(String column, List<String> header) throws BadInputException {
        int position = header.indexOf(column);
        if (position < 0) {
            throw bad("no column " + Text.quote(column) + "; the header has "
                    + header.stream().map(Text::quote).collect(Collectors.joining(", ")));
        }
        if (header.lastIndexOf(column) != position) {
            throw bad("the header has more than one column " + Text.quote(column));
        }
        return position;
    }

    private String symbol(CSVRecord row) throws BadInputException {
        if (constantSymbol != null) {
            return constantSymbol;
        }
        String symbol = row.get(symbolAt).strip();
        if (symbol.isEmpty()) {
            throw badRow("no symbol");
        }
        return symbol;
    }

    private LocalDate date(String field) throws BadInputException {
        String text = field.strip();
        try {
            boolean iso = !text.isEmpty() && Character.isDigit(text.charAt(0));
            return LocalDate.parse(text, iso ? DateTimeFormatter.ISO_LOCAL_DATE : MONTH_DAY_YEAR);
        } catch (DateTimeException e) {
            throw badRow("date " + Text.quote(field) + " is not a date such as 2000-01-31 or Jan 31 2000");
        }
    }

    private BigDecimal price(String field) throws BadInputException {
        String text = field.strip();
        try {
            if (text.length() <= LONGEST_NUMBER) {
                BigDecimal price = new BigDecimal(text);
                if (Math.abs((long) price.scale()) <= LONGEST_NUMBER) { // 1e999999999 would fill the memory in print
                    return price;
                }
            }
        } catch (NumberFormatException e) {
            throw badRow("price " + Text.quote(field) + " is not a number");
        }
        throw badRow("price " + Text.quote(field) + " is too long a number");
    }

    private BadInputException badRow(String what) {
        return new BadInputException.Row(name + ":" + line + ": " + what);
    }

    private BadInputException bad(String what) {
        return new BadInputException(name + ":" + line + ": " + what);
    }

    private BadInputException bad(IOException e) {
        if (e instanceof CharacterCodingException) {
            return bad("not UTF-8");
        } else if (e instanceof CSVException) {
            boolean unterminated = String.valueOf(e.getMessage()).contains("EOF reached");
            return bad(unterminated ? "a quote is opened and never closed" : "text after a closing quote");
        }
        return bad(Text.printable(String.valueOf(e.getMessage())));
    }
}
