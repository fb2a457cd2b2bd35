package io.tidemark.processes;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One process that a {@link ProcessGroup} answers for. Thread-safe. */
public final class Child {
  private static final int LOG_TAIL_LINES = 15;

  /** What only a process that hangs can miss: PostgreSQL on a busy disk takes its time. */
  private static final int GRACE_SECONDS = 120;

  private static final int POLL_MILLIS = 10;

  /** How to ask a process to leave; it has {@value #GRACE_SECONDS} seconds before it is killed. */
  @FunctionalInterface
  public interface Farewell {
    /** Asks; need not wait for the process to be gone. */
    void ask() throws IOException;
  }

  private final String name;
  private final ProcessHandle handle;
  private final Path log;
  private final long logBegin;
  private final Farewell farewell;
  private volatile boolean mayEnd;

  /**
   * A process that runs.
   *
   * @param logBegin where its part of the log begins, after that of an earlier one of its name
   */
  Child(String name, ProcessHandle handle, Path log, long logBegin, Farewell farewell) {
    this.name = name;
    this.handle = handle;
    this.log = log;
    this.logBegin = logBegin;
    this.farewell = farewell;
  }

  /** What it is called in messages. */
  public String name() {
    return name;
  }

  /** Its process id. */
  public long pid() {
    return handle.pid();
  }

  /** Says that the end of this process is no failure from now on. */
  void expectEnd() {
    mayEnd = true;
  }

  /** Stops the process where it stands, as a long pause would. */
  public void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Lets it go on. */
  public void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  /** Kills it without a word, and returns when it is gone: until then, it may have its ports. */
  public void kill() throws IOException, InterruptedException {
    expectEnd();
    signal("KILL");
    awaitExit();
  }

  /** Whether it has not ended yet. */
  public boolean isAlive() {
    return handle.isAlive();
  }

  boolean mayEnd() {
    return mayEnd;
  }

  CompletableFuture<ProcessHandle> onExit() {
    return handle.onExit();
  }

  /** The failure to report when this process is gone or does not answer. */
  ChildDiedException failure(String what) {
    return new ChildDiedException(
        "%s (pid %d) %s; the end of its log:%n%s".formatted(name, pid(), what, logTail()));
  }

  /**
   * Ends the process: asks first, kills when asking does not help. Returns when it is gone, and
   * throws only after it was killed.
   */
  void end() throws IOException, InterruptedException {
    expectEnd();
    try {
      if (handle.isAlive()) {
        farewell.ask();
        wake();
        awaitExit();
      }
    } finally {
      if (handle.isAlive()) {
        handle.destroyForcibly();
        awaitExit();
      }
    }
  }

  /** A process that somebody has stopped does not hear what it is asked. */
  private void wake() throws IOException, InterruptedException {
    try {
      signal("CONT");
    } catch (IOException e) {
      if (handle.isAlive()) {
        throw e;
      }
    }
  }

  /** Kills it at once and does not wait. */
  void destroy() {
    expectEnd();
    handle.destroyForcibly();
  }

  private void signal(String signal) throws IOException, InterruptedException {
    Optional<String> complaint = Signals.send(signal, pid());
    if (complaint.isPresent()) {
      throw new IOException(
          "%s (pid %d) takes no SIG%s: %s".formatted(name, pid(), signal, complaint.get()));
    }
  }

  private void awaitExit() throws InterruptedException {
    // Not onExit(): for a process that is no child of this one it looks every few seconds only.
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(GRACE_SECONDS);
    while (handle.isAlive() && System.nanoTime() < end) {
      Thread.sleep(POLL_MILLIS);
    }
  }

  /** How long a log is; 0 while there is none. */
  static long length(Path log) throws IOException {
    return Files.exists(log) ? Files.size(log) : 0;
  }

  private String logTail() {
    try (InputStream in = Files.newInputStream(log)) {
      in.skipNBytes(logBegin);
      // A log may be cut in the middle of a character: decode leniently.
      List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      List<String> tail = lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size());
      return tail.isEmpty() ? "  (empty)" : String.join("\n", tail).indent(2).stripTrailing();
    } catch (IOException e) {
      return "  (cannot be read: " + e + ")";
    }
  }
}
