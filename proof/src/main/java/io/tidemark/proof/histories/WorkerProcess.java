package io.tidemark.proof.histories;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.FallbackPolicy;
import io.tidemark.processes.Child;
import io.tidemark.processes.JavaProgram;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.servers.Loopback;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One worker with a network of its own to each server. It can be killed and started again; each
 * start is a process of its own in the history. Thread-safe.
 */
final class WorkerProcess implements AutoCloseable {
  private static final int HEAP_MEGABYTES = 96;
  private static final int CONNECT_MILLIS = 60_000;
  private static final int ANSWER_MILLIS = 900_000;

  private final ProcessGroup group;
  private final int number;
  private final Path history;
  private final String classPath;
  private final WorkerSetup setup;
  private final LockKind lock;
  private final String directZookeeper;
  private final WorkerNetwork network;
  private int starts;
  private @Nullable CompletableFuture<ReadyChild> starting;

  WorkerProcess(
      ProcessGroup group,
      int number,
      Path history,
      String classPath,
      WorkerSetup setup,
      LockKind lock,
      String directZookeeper,
      WorkerNetwork network) {
    this.group = group;
    this.number = number;
    this.history = history;
    this.classPath = classPath;
    this.setup = setup;
    this.lock = lock;
    this.directZookeeper = directZookeeper;
    this.network = network;
  }

  /**
   * Starts the process again with a command; returns at once. The process is not ready before it
   * has answered, so that a fault waits until its load runs.
   */
  synchronized void restart(String command) throws IOException, InterruptedException {
    starting = startNext().thenApplyAsync(process -> told(process, command));
  }

  /** Starts the process; returns at once. */
  synchronized void start() throws IOException, InterruptedException {
    starting = startNext();
  }

  private CompletableFuture<ReadyChild> startNext() throws IOException, InterruptedException {
    starts++;
    String process = "w%di%d".formatted(number, starts);
    FallbackPolicy[] policies = FallbackPolicy.values();
    // A script must not be left by a way round it.
    FallbackPolicy policy =
        setup.isScript() ? FallbackPolicy.FAIL : policies[number % policies.length];
    WorkerOptions options =
        new WorkerOptions(
            process,
            history,
            network.redisWays(),
            network.zookeeperAddresses(),
            directZookeeper,
            network.postgres().port(),
            policy,
            setup,
            lock,
            network.lockServerPorts());
    return group.startJava(
        "worker " + process,
        HEAP_MEGABYTES,
        new JavaProgram(classPath, WorkerProgram.class.getName()),
        options.toArguments());
  }

  /** Waits until the process takes commands. */
  void awaitReady() throws InterruptedException {
    ready();
  }

  /** The process, once it is ready. */
  Child child() throws InterruptedException {
    return ready().child();
  }

  WorkerNetwork network() {
    return network;
  }

  /** Sends a command, once the worker is ready, and returns its answer. */
  String command(String command) throws IOException, InterruptedException {
    return answer(ready(), command);
  }

  private ReadyChild told(ReadyChild process, String command) {
    try {
      String answer = answer(process, command);
      if (!answer.equals(WorkerProgram.DONE)) {
        throw new IllegalStateException("%s was told %s: %s".formatted(this, command, answer));
      }
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String answer(ReadyChild process, String command) throws IOException {
    String[] words = process.readyLine().split(" ", -1);
    try (Socket socket = new Socket()) {
      socket.connect(Loopback.address(Integer.parseInt(words[1])), CONNECT_MILLIS);
      socket.setSoTimeout(ANSWER_MILLIS);
      PrintStream out = new PrintStream(socket.getOutputStream(), true, UTF_8);
      out.println(command);
      BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      String answer = in.readLine();
      if (answer == null) {
        throw new IOException("worker %d gave no answer to %s".formatted(number, command));
      }
      return answer;
    }
  }

  /** Ends the process, which is not needed any more. */
  void kill() throws IOException, InterruptedException {
    child().kill();
  }

  /** Resets the connections; the process is the group's to end. */
  @Override
  public void close() {
    network.close();
  }

  @Override
  public String toString() {
    return "worker " + number;
  }

  private ReadyChild ready() throws InterruptedException {
    CompletableFuture<ReadyChild> current;
    synchronized (this) {
      current = starting;
    }
    if (current == null) {
      throw new IllegalStateException(this + " was not started");
    }
    return WorkerFleet.await(current);
  }
}
