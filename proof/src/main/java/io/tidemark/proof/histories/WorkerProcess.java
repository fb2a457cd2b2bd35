package io.tidemark.proof.histories;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.FallbackPolicy;
import io.tidemark.processes.Child;
import io.tidemark.processes.JavaProgram;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.servers.ZooKeeperServer;
import io.tidemark.testkit.TcpProxy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
  private final String directZookeeper;
  private final TcpProxy redis;
  private final LockKind lock;
  private final List<TcpProxy> lockServers;
  private final List<TcpProxy> zookeeper;
  private final TcpProxy postgres;
  private int starts;
  private @Nullable CompletableFuture<ReadyChild> starting;

  WorkerProcess(
      ProcessGroup group,
      int number,
      Path history,
      String classPath,
      WorkerSetup setup,
      List<ZooKeeperServer> zookeeperServers,
      int redisPort,
      LockKind lock,
      List<Integer> lockServerPorts,
      int postgresPort) {
    this.group = group;
    this.number = number;
    this.history = history;
    this.classPath = classPath;
    this.setup = setup;
    this.directZookeeper = ZooKeeperServer.addresses(zookeeperServers);
    this.redis = TcpProxy.to(redisPort);
    this.lock = lock;
    this.lockServers = lockServerPorts.stream().map(TcpProxy::to).toList();
    this.zookeeper =
        zookeeperServers.stream().map(server -> TcpProxy.to(server.clientPort())).toList();
    this.postgres = TcpProxy.to(postgresPort);
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
        setup == WorkerSetup.LOAD ? policies[number % policies.length] : FallbackPolicy.FAIL;
    WorkerOptions options =
        new WorkerOptions(
            process,
            history,
            redis.port(),
            zookeeper.stream().map(TcpProxy::address).collect(Collectors.joining(",")),
            directZookeeper,
            postgres.port(),
            policy,
            setup,
            lock,
            lockServers.stream().map(TcpProxy::port).toList());
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

  /** The ways to Redis, and to those that have locks only. */
  List<TcpProxy> redis() {
    return Stream.concat(Stream.of(redis), lockServers.stream()).toList();
  }

  /** The ways to the three servers of ZooKeeper. */
  List<TcpProxy> zookeeper() {
    return zookeeper;
  }

  TcpProxy postgres() {
    return postgres;
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
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(words[1]));
    try (Socket socket = new Socket()) {
      socket.connect(address, CONNECT_MILLIS);
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
    redis().forEach(TcpProxy::close);
    zookeeper.forEach(TcpProxy::close);
    postgres.close();
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
