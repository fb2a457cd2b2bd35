package io.tidemark.demo.services;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.processes.ThisJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code services} in a process of its own that outlives the terminal: in a session of its own, so
 * that neither Ctrl-C nor the terminal's end reaches it or its servers.
 *
 * <p>Until the two have shaken hands the new process belongs to the one that started it: it ends
 * when that one is gone before it has read {@code ready}.
 */
final class Background {
  private static final int HEAP_MEGABYTES = 64;

  /**
   * A session of its own where the system can; else at least the terminal's signals are ignored.
   */
  private static final String LAUNCH =
      """
      exec 2>> "$1"
      shift
      trap '' HUP
      if command -v setsid > /dev/null; then
        exec setsid "$@"
      elif command -v perl > /dev/null; then
        exec perl -MPOSIX -e 'POSIX::setsid(); exec { $ARGV[0] } @ARGV' "$@"
      fi
      trap '' INT QUIT
      exec "$@"
      """;

  private Background() {}

  /**
   * Starts the process, and returns when its servers are ready, or it has failed.
   *
   * @param options the options of {@code services} for it
   * @return the exit code
   * @throws RefusedCommandException if servers of this checkout run, or are being started
   */
  static int start(List<String> options, PrintWriter out, PrintWriter err)
      throws IOException, InterruptedException {
    Path log = Checkout.backgroundLog();
    try (FileChannel channel =
        FileChannel.open(log, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // Until the channel is closed.
      lock(channel);
      for (RunningServices running : RunningServices.find(RunningServices.temporaryDirectory())) {
        throw new RefusedCommandException(
            "Servers run already, group %d:%n%s%n'services stop' stops them."
                .formatted(running.pid(), String.join(System.lineSeparator(), running.status())));
      }
      channel.truncate(0);
      return launch(log, options, out, err);
    }
  }

  /**
   * The other side: waits for the one that started this process to take note.
   *
   * @return false if it is gone
   */
  static boolean launcherTookNote() throws IOException {
    return System.in.read() >= 0;
  }

  private static void lock(FileChannel channel) throws IOException {
    if (channel.tryLock() == null) {
      throw new RefusedCommandException(
          "Another 'services --detach' is starting servers; it must have ended first.");
    }
  }

  private static int launch(Path log, List<String> options, PrintWriter out, PrintWriter err)
      throws IOException, InterruptedException {
    // Not the user's folder, which it would keep from being removed.
    Process process =
        new ProcessBuilder(command(log, options))
            .directory(RunningServices.temporaryDirectory().toFile())
            .start();
    try (BufferedReader lines = process.inputReader();
        OutputStream note = process.getOutputStream()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals(ServicesCommand.READY)) {
          note.write('\n');
          note.flush();
          out.println(line);
          out.flush();
          return 0;
        }
        out.println(line);
      }
    }
    int exitCode = process.waitFor();
    err.print(Files.readString(log, UTF_8));
    err.flush();
    return exitCode;
  }

  private static List<String> command(Path log, List<String> options) {
    List<String> command =
        new ArrayList<>(List.of("/bin/sh", "-c", LAUNCH, "tidemark-services", log.toString()));
    List<String> services = new ArrayList<>(List.of("services"));
    services.addAll(options);
    command.addAll(
        ThisJvm.command(
            ThisJvm.program("io.tidemark.demo.Tidemark"),
            List.of(
                "-Xmx" + HEAP_MEGABYTES + "m",
                "-Djava.io.tmpdir=" + RunningServices.temporaryDirectory()),
            services));
    return command;
  }
}
