package io.tidemark.servers;

import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Redis' program, unpacked in the directory of a {@link ProcessGroup}, to be started any number of
 * times. Immutable.
 */
public final class RedisProgram {
  private final Path directory;
  private final Path binary;

  private RedisProgram(Path directory, Path binary) {
    this.directory = directory;
    this.binary = binary;
  }

  /** Unpacks the program; once for each group. */
  public static RedisProgram unpack(ProcessGroup group) throws IOException, InterruptedException {
    Path directory = Files.createDirectory(group.directory().resolve("redis"));
    return new RedisProgram(directory, RedisBinary.unpackInto(directory));
  }

  /** Starts an empty server on 127.0.0.1, and returns when it listens. */
  public Child start(ProcessGroup group, String name, int port)
      throws IOException, InterruptedException {
    return start(group, name, port, directory, List.of());
  }

  /** Starts one likewise, with a directory of its own and further options. */
  Child start(ProcessGroup group, String name, int port, Path folder, List<String> options)
      throws IOException, InterruptedException {
    // A cache only: no entry is ever written to disk.
    List<String> command =
        new ArrayList<>(
            List.of(
                binary.toString(),
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--save",
                "",
                "--appendonly",
                "no",
                "--daemonize",
                "no",
                "--dir",
                folder.toString()));
    command.addAll(options);
    Child redis = group.start(name, command);
    ServerStart.awaitListening(group, redis, port);
    return redis;
  }

  /** Starts a Sentinel, which writes to its configuration, and returns when it listens. */
  void startSentinel(ProcessGroup group, Path configuration, int port)
      throws IOException, InterruptedException {
    Child sentinel =
        group.start("sentinel", List.of(binary.toString(), configuration.toString(), "--sentinel"));
    ServerStart.awaitListening(group, sentinel, port);
  }
}
