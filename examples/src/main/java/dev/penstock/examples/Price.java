package dev.penstock.examples;

import java.math.BigDecimal;
import java.time.LocalDate;

/** What one symbol cost on one day: the element of the feed's stream. */
record Price(String symbol, LocalDate date, BigDecimal price) {}
