package io.tidemark.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The directory of a {@link ProcessGroup}; a dying process may still be writing into it. */
public final class WorkDirectory {
  private static final int LIMIT_SECONDS = 60;
  private static final int PAUSE_MILLIS = 100;

  private WorkDirectory() {}

  static Path create() throws IOException {
    return Files.createTempDirectory(ProcessGroup.DIRECTORY_PREFIX);
  }

  /** Deletes the directory with all that is in it; tries again for up to a minute. */
  public static void delete(Path directory) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (true) {
      try {
        deleteOnce(directory);
        return;
      } catch (DirectoryNotEmptyException | NoSuchFileException | UncheckedIOException e) {
        if (System.nanoTime() >= end) {
          throw new IOException("cannot delete " + directory, e);
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  private static void deleteOnce(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> found = Files.walk(directory)) {
      deepestFirst = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.deleteIfExists(path);
    }
  }
}
