package io.tidemark.processes;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A small shell process that ends the others and removes their directory when this process dies
 * without a chance to do it ({@code kill -9}): servers do not notice that their parent is gone, and
 * a stopped process notices nothing at all. Its orders are described in {@code reaper.sh}.
 * Thread-safe.
 */
final class Reaper {
  private static final String SCRIPT = "reaper.sh";
  private static final int LEAVE_SECONDS = 60;

  private final Process shell;

  private Reaper(Process shell) {
    this.shell = shell;
  }

  static Reaper start(Path directory) throws IOException {
    Path script = directory.resolve(SCRIPT);
    try (InputStream in = Reaper.class.getResourceAsStream(SCRIPT)) {
      Files.copy(Objects.requireNonNull(in, SCRIPT), script);
    }
    ProcessBuilder builder = new ProcessBuilder("/bin/sh", script.toString(), directory.toString());
    // A reader of this command's output to its end must not wait for the reaper as well.
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    return new Reaper(builder.start());
  }

  /** Ends this process, by the named signal, if the command dies. */
  void guard(long pid, String signal) {
    order("pid " + signal + " " + pid);
  }

  /** Leaves that process alone from now on: it has ended, and its number may be used again. */
  void forget(long pid) {
    try {
      order("forget " + pid);
    } catch (UncheckedIOException e) {
      // it is gone, and has forgotten everything
    }
  }

  /** Its own process. */
  long pid() {
    return shell.pid();
  }

  /** Ends the process that a file, relative to the directory, will name in its first line. */
  void guardPidFile(Path relative, String signal) {
    order("pidfile " + signal + " " + relative);
  }

  /** Sends the reaper home: the command has cleaned up. */
  void dismiss() throws IOException, InterruptedException {
    try (OutputStream orders = shell.getOutputStream()) {
      orders.write("done\n".getBytes(StandardCharsets.US_ASCII));
    } finally {
      if (!shell.waitFor(LEAVE_SECONDS, TimeUnit.SECONDS)) {
        shell.destroyForcibly();
      }
    }
  }

  private synchronized void order(String line) {
    try {
      OutputStream orders = shell.getOutputStream();
      orders.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      orders.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("the reaper takes no orders", e);
    }
  }
}
