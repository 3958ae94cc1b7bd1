package dev.penstock.examples;

/** The input is not what it should be; the message names the file, the line where there is one, and what is wrong. */
class BadInputException extends Exception {

    private static final long serialVersionUID = 1L;

    BadInputException(String message) {
        super(message);
    }

    /** One row is bad; those after it can be read all the same. */
    static final class Row extends BadInputException {

        private static final long serialVersionUID = 1L;

        Row(String message) {
            super(message);
        }
    }
}
