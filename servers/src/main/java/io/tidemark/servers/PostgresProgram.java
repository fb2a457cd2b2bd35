package io.tidemark.servers;

import io.tidemark.processes.ChildProgram;
import io.tidemark.processes.ParentWatch;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.processes.Signals;
import io.tidemark.processes.ThisJvm;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Starts PostgreSQL, and stops it with the end of standard input. A process of its own because the
 * library that unpacks PostgreSQL leaves files in the temporary directory of its process, and
 * swallows interrupts. Ends with an error when PostgreSQL does.
 */
public final class PostgresProgram {
  // It unpacks the program in memory.
  private static final int HEAP_MEGABYTES = 192;

  private static final int CONNECTIONS = 200;
  private static final int LOOK_MILLIS = 200;
  private static final int LAST_LOOK_MILLIS = 10;

  /** Together less than a child has before it is killed, and its PostgreSQL left alone. */
  private static final Duration FIRST_PATIENCE = Duration.ofSeconds(10);

  private static final Duration LAST_PATIENCE = Duration.ofSeconds(60);

  private final int port;
  private final Path data;
  private final Path log;

  private PostgresProgram(int port, Path data, Path log) {
    this.port = port;
    this.data = data;
    this.log = log;
  }

  /** Starts it on 127.0.0.1; returns at once. It finds the data that it left in this group. */
  public static CompletableFuture<ReadyChild> start(ProcessGroup group, int port)
      throws IOException, InterruptedException {
    Path data = group.directory().resolve("postgres");
    group.guardPidFile(pidFile(data), "INT");
    return group.startJava(
        "postgres",
        HEAP_MEGABYTES,
        ThisJvm.program(PostgresProgram.class.getName()),
        List.of(Integer.toString(port), data.toString(), group.log("postgres").toString()));
  }

  /** The database of a PostgreSQL on 127.0.0.1, or of a way to it. */
  public static String jdbcUrl(int port) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
  }

  /** Runs it; the arguments are the port, the directory of its data, and its log. */
  public static void main(String[] args) {
    ChildProgram.run(
        new PostgresProgram(Integer.parseInt(args[0]), Path.of(args[1]), Path.of(args[2]))::serve);
  }

  private void serve() throws Exception {
    CountDownLatch parentGone = ParentWatch.endOfInput();
    ProcessHandle first;
    try (EmbeddedPostgres server = start()) {
      first = firstProcess();
      System.out.printf("ready %s pid %d%n", server.getPort(), first.pid());
      while (!parentGone.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        if (!first.isAlive()) {
          throw new IOException("PostgreSQL, process " + first.pid() + ", is gone");
        }
      }
    }
    // It says that it has stopped a moment before it has.
    if (!isGoneWithin(FIRST_PATIENCE, first)) {
      // Its own program to stop it did not reach it, or is gone with the build: ask it, and wake
      // it.
      Signals.send("INT", first.pid());
      Signals.send("CONT", first.pid());
      if (!isGoneWithin(LAST_PATIENCE, first)) {
        first.destroyForcibly();
      }
    }
  }

  /** A process that has ended, and that nobody has asked for its end, still looks alive. */
  private boolean isGoneWithin(Duration patience, ProcessHandle first) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (first.isAlive()) {
      if (System.nanoTime() >= end) {
        return Files.notExists(pidFile(data));
      }
      Thread.sleep(LAST_LOOK_MILLIS);
    }
    return true;
  }

  /** Where PostgreSQL names its first process. */
  private static Path pidFile(Path data) {
    return data.resolve("postmaster.pid");
  }

  private EmbeddedPostgres start() throws IOException {
    ProcessBuilder.Redirect toLog = ProcessBuilder.Redirect.appendTo(log.toFile());
    return PostgresBinary.start(
        EmbeddedPostgres.builder()
            .setPort(port)
            .setDataDirectory(data)
            // It may be started again on the same data; the group deletes them in the end.
            .setCleanDataDirectory(false)
            .setPGStartupWait(ServerStart.LIMIT)
            .setOutputRedirector(toLog)
            .setErrorRedirector(toLog)
            .setServerConfig("listen_addresses", "127.0.0.1")
            // No socket file: it would stay behind after a kill, and its path may be too long.
            .setServerConfig("unix_socket_directories", "")
            .setServerConfig("max_connections", Integer.toString(CONNECTIONS)));
  }

  private ProcessHandle firstProcess() throws IOException {
    long pid = Long.parseLong(Files.readAllLines(pidFile(data)).get(0).strip());
    return ProcessHandle.of(pid)
        .orElseThrow(() -> new IOException("PostgreSQL, process " + pid + ", is gone already"));
  }
}
