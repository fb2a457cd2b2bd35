package io.tidemark.demo.services;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.demo.services.ControlServer.Order;
import io.tidemark.processes.WorkDirectory;
import io.tidemark.servers.Loopback;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Servers that another process of this user runs, seen from outside. Immutable. */
final class RunningServices {
  private static final int POLL_MILLIS = 20;
  private static final int LAST_LOOKS = 500;
  private static final int END_SECONDS = 600;

  private final ControlFile file;
  private final ProcessHandle process;

  private RunningServices(ControlFile file, ProcessHandle process) {
    this.file = file;
    this.process = process;
  }

  /**
   * All that run now from this checkout below that temporary directory; what a killed process left
   * is cleaned up.
   */
  static List<RunningServices> find(Path temporary) throws IOException, InterruptedException {
    List<RunningServices> found = new ArrayList<>();
    for (ControlFile file : ControlFile.ofThisCheckout(temporary)) {
      Optional<ProcessHandle> process =
          ofThisUser(file.pid()).filter(one -> ControlFile.startOf(one).equals(file.started()));
      if (process.isPresent()) {
        found.add(new RunningServices(file, process.get()));
      } else if (ofThisUser(file.reaperPid()).isEmpty()) {
        // The reaper was killed as well: else it deletes the directory when the servers are gone.
        WorkDirectory.delete(file.directory());
      }
    }
    return found;
  }

  /** Where all groups of this machine have their directories. */
  static Path temporaryDirectory() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  /**
   * The servers that a command means.
   *
   * @param group the process that runs them, or 0 where there is only one such process
   * @throws RefusedCommandException if none run, or several and no group is given
   */
  static RunningServices of(long group) throws IOException, InterruptedException {
    List<RunningServices> all = find(temporaryDirectory());
    if (all.isEmpty()) {
      throw new RefusedCommandException(
          "No servers run from this checkout; 'services' or 'services --detach' starts them."
              + lastFailure());
    }
    if (group == 0 && all.size() == 1) {
      return all.get(0);
    }
    String pids =
        all.stream().map(one -> Long.toString(one.pid())).collect(Collectors.joining(", "));
    if (group == 0) {
      throw new RefusedCommandException(
          "Several groups of servers run; --group must be given, and one of: " + pids);
    }
    return all.stream()
        .filter(one -> one.pid() == group)
        .findFirst()
        .orElseThrow(
            () ->
                new RefusedCommandException(
                    "--group is %d; it must be a group that runs: %s".formatted(group, pids)));
  }

  /** The process that runs them, by which a group is called. */
  long pid() {
    return file.pid();
  }

  /** A line for each server. */
  List<String> status() throws IOException {
    return ask(Order.STATUS.name());
  }

  /** Starts, stops or restarts one server; returns what to print. */
  List<String> ask(Order order, String name) throws IOException {
    return ask(order + " " + name);
  }

  /** Stops everything, and returns when nothing is left: a line for each server. */
  List<String> end() throws IOException, InterruptedException {
    List<String> stopped = ask(Order.END.name());
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
    // A process that nobody asks for its end looks alive for ever. Its directory goes a moment
    // before it does.
    int looks = 0;
    while (process.isAlive() && looks < LAST_LOOKS) {
      looks = Files.exists(file.directory()) ? 0 : looks + 1;
      if (System.nanoTime() > end) {
        throw new RefusedCommandException(
            "Process %d was asked to stop its servers, and is still there after %d s."
                .formatted(pid(), END_SECONDS));
      }
      Thread.sleep(POLL_MILLIS);
    }
    return stopped;
  }

  private List<String> ask(String order) throws IOException {
    List<String> answer;
    try (Socket socket = new Socket()) {
      socket.connect(Loopback.address(file.port()));
      socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(END_SECONDS));
      socket.getOutputStream().write((file.token() + " " + order + "\n").getBytes(UTF_8));
      answer = new String(socket.getInputStream().readAllBytes(), UTF_8).lines().toList();
    } catch (IOException e) {
      throw new RefusedCommandException(
          "Process %d, which runs the servers, does not answer: %s".formatted(pid(), e));
    }
    String text = answer.stream().skip(1).collect(Collectors.joining(System.lineSeparator()));
    if (answer.isEmpty()) {
      throw new RefusedCommandException(
          "Process %d, which ran the servers, ended meanwhile.".formatted(pid()));
    }
    if (!answer.get(0).equals(ControlServer.DONE)) {
      throw new RefusedCommandException(text);
    }
    return answer.subList(1, answer.size());
  }

  private static Optional<ProcessHandle> ofThisUser(long pid) {
    Optional<String> user = ProcessHandle.current().info().user();
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(process -> Objects.equals(process.info().user(), user));
  }

  private static String lastFailure() throws IOException {
    Path log = Checkout.backgroundLog();
    return Files.exists(log) && Files.size(log) > 0
        ? " The last ones in the background failed; see " + log
        : "";
  }
}
