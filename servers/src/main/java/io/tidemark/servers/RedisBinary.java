package io.tidemark.servers;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import redis.embedded.core.ExecutableProvider;

/**
 * Redis' program, unpacked from its jar.
 *
 * <p>A program cannot be started while any process has it open for writing ("Text file busy"), and
 * a process that another thread starts while this one unpacks has it open for a moment, as it
 * inherits all open files. The file that is to be started is therefore a copy, written by a process
 * that starts no other.
 */
public final class RedisBinary {
  private RedisBinary() {}

  /** Unpacks the program into a directory, which has none yet, and returns its path. */
  public static Path unpackInto(Path directory) throws IOException, InterruptedException {
    Path draftDirectory = Files.createTempDirectory(directory, "unpacked");
    File draft = ExecutableProvider.newJarResourceProvider(draftDirectory.toFile()).get();
    Path binary = directory.resolve("redis-server");
    Process copying =
        new ProcessBuilder("cp", draft.getPath(), binary.toString())
            .redirectErrorStream(true)
            .start();
    String complaint = new String(copying.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (copying.waitFor() != 0) {
      throw new IOException("Redis' program cannot be copied: " + complaint);
    }
    Files.delete(draft.toPath());
    Files.delete(draftDirectory);
    return binary;
  }
}
