package dev.penstock.examples;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Where prices are read from.
 *
 * @param name for messages
 * @param opener opens it, once for each time that it is read
 */
record PriceFile(String name, Opener opener) {

    /** Opens a file. An interrupt ends a read that waits, except for {@link #shipped()}, where none does. */
    @FunctionalInterface
    interface Opener {
        InputStream open() throws IOException;
    }

    private static final String SHIPPED = "stocks.csv";

    /** The prices that come with the examples. */
    static PriceFile shipped() {
        return new PriceFile(SHIPPED, () -> PriceFile.class.getResourceAsStream("/prices/" + SHIPPED));
    }

    static PriceFile standardInput() {
        // By way of its channel: the thread that reads System.in cannot be interrupted.
        return new PriceFile(
                "stdin", () -> Channels.newInputStream(new FileInputStream(FileDescriptor.in).getChannel()));
    }

    static PriceFile at(Path path) {
        return new PriceFile(path.toString(), () -> {
            if (Files.isDirectory(path)) { // it could be opened, but not read
                throw new IOException("is a directory");
            }
            return Files.newInputStream(path);
        });
    }

    InputStream open() throws BadInputException {
        String problem;
        try {
            return opener.open();
        } catch (NoSuchFileException e) {
            problem = "no such file";
        } catch (AccessDeniedException e) {
            problem = "permission denied";
        } catch (FileSystemException e) {
            problem = e.getReason(); // the message would repeat the name
        } catch (IOException e) {
            problem = e.getMessage();
        }
        throw new BadInputException(Text.printable(name + ": " + problem));
    }
}
