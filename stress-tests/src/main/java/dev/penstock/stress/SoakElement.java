package dev.penstock.stress;

/** An element of a soak round's stream; what becomes of it is told to its tally. */
record SoakElement(Tally tally, int number) {}
