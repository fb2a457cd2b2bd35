package io.tidemark.demo.live;

import io.tidemark.demo.client.NodeAnswers.Session;
import io.tidemark.demo.client.NodeClient;
import io.tidemark.demo.client.ZooKeeperSessions;
import io.tidemark.demo.http.RefusedRequestException;
import io.tidemark.demo.live.LiveNode.State;
import io.tidemark.demo.services.ProductTable;
import io.tidemark.demo.services.RefusedCommandException;
import io.tidemark.demo.services.ServerGroup;
import io.tidemark.demo.services.ServerName;
import io.tidemark.demo.services.ServerPorts;
import io.tidemark.processes.Child;
import io.tidemark.processes.ChildDiedException;
import io.tidemark.processes.JavaProgram;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.processes.ThisJvm;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;

/**
 * The servers and the nodes, which can be stopped and started one by one. One thing is done after
 * the other, beside nodes that start; how things are can be asked at any time and takes no lock.
 * Thread-safe.
 */
final class LiveFleet implements AutoCloseable {
  /** Longer than a node's callers wait, but for those whose node is paused. */
  private static final Duration REQUEST_LIMIT = Duration.ofMinutes(12);

  private static final Duration SERVER_LIMIT = Duration.ofSeconds(30);
  private static final int NODE_HEAP_MEGABYTES = 96;
  private static final String RUNNING = "running";
  private static final JavaProgram TIDEMARK = ThisJvm.program("io.tidemark.demo.Tidemark");

  private final ProcessGroup group;
  private final ServerPorts ports;
  private final ServerGroup servers;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final RedisClient redis;
  private final List<LiveNode> nodes = new CopyOnWriteArrayList<>();
  private final Map<ServerName, Events.ServerView> serverViews = new ConcurrentHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  private LiveFleet(ProcessGroup group, ServerPorts ports, ServerGroup servers) {
    this.group = group;
    this.ports = ports;
    this.servers = servers;
    this.redis =
        RedisClient.builder().hostAndPort(HostAndPort.from(ports.addresses().redis())).build();
  }

  /** Starts the servers and so many nodes. On failure the group still has what was started. */
  static LiveFleet start(ProcessGroup group, int nodes) throws Exception {
    ServerPorts ports = ServerPorts.free();
    LiveFleet fleet = new LiveFleet(group, ports, ServerGroup.start(group, ports));
    ProductTable.createForRivals(fleet.jdbcUrl());
    Arrays.stream(ServerName.values()).forEach(fleet::showAsItIs);
    List<CompletableFuture<ReadyChild>> starting = new ArrayList<>();
    for (int number = 1; number <= nodes; number++) {
      starting.add(fleet.startJava(number));
    }
    for (int number = 1; number <= nodes; number++) {
      fleet.nodes.add(fleet.awaitNode(number, starting.get(number - 1)));
    }
    return fleet;
  }

  /** Calls somebody after each change of a server or a node. */
  void onChange(Runnable listener) {
    listeners.add(listener);
  }

  String jdbcUrl() {
    return ports.addresses().jdbcUrl();
  }

  /** The launcher's own client of Redis. */
  RedisClient redis() {
    return redis;
  }

  List<LiveNode> nodes() {
    return List.copyOf(nodes);
  }

  List<LiveNode> running() {
    return nodes.stream().filter(LiveNode::isRunning).toList();
  }

  /**
   * A node that runs.
   *
   * @throws RefusedRequestException 404 if there is none of that number, 409 if it does not run
   */
  LiveNode running(int number) {
    return inState(number, State.RUNNING);
  }

  List<Events.NodeView> nodeViews() {
    return nodes.stream().map(LiveNode::view).toList();
  }

  List<Events.ServerView> serverViews() {
    return Arrays.stream(ServerName.values()).map(serverViews::get).toList();
  }

  /**
   * Refuses what needs all servers.
   *
   * @throws RefusedRequestException 409 if one does not run
   */
  void checkServersRun() {
    for (Events.ServerView server : serverViews()) {
      if (!server.state().equals(RUNNING)) {
        throw new RefusedRequestException(
            409, "%s is %s; all servers must be running".formatted(server.name(), server.state()));
      }
    }
  }

  /** Stops a node where it stands. */
  synchronized void pause(int number) throws IOException, InterruptedException {
    LiveNode node = running(number);
    child(node).pause();
    show(node.with(State.PAUSED));
  }

  /** Lets a paused node go on. */
  synchronized void resume(int number) throws IOException, InterruptedException {
    LiveNode node = inState(number, State.PAUSED);
    child(node).resume();
    show(node.with(State.RUNNING));
  }

  /** Kills a node that runs or is paused. */
  synchronized void kill(int number) throws IOException, InterruptedException {
    LiveNode node = node(number);
    if (node.child() == null) {
      throw refused(node, "running or paused");
    }
    node.child().kill();
    show(LiveNode.stopped(number));
  }

  /** Shows nodes as stopped whose process somebody else has ended, and tells which. */
  List<Integer> noticeDeaths() {
    boolean isDead = nodes.stream().anyMatch(LiveFleet::isDead);
    return isDead ? removeDead() : List.of();
  }

  private synchronized List<Integer> removeDead() {
    List<Integer> dead = nodes.stream().filter(LiveFleet::isDead).map(LiveNode::number).toList();
    dead.forEach(number -> show(LiveNode.stopped(number)));
    return dead;
  }

  private static boolean isDead(LiveNode node) {
    return node.child() != null && !node.child().isAlive();
  }

  /**
   * Starts a node anew, and returns when it serves. Everything else can be done meanwhile.
   *
   * @throws ChildDiedException if it ended before; the node is stopped then
   */
  void start(int number) throws IOException, InterruptedException {
    beginToStart(number);
    LiveNode started = LiveNode.stopped(number);
    try {
      started = awaitNode(number, startJava(number));
    } finally {
      show(started);
    }
  }

  private synchronized void beginToStart(int number) {
    inState(number, State.STOPPED);
    show(LiveNode.starting(number));
  }

  /** Ends a node's session at ZooKeeper. */
  void expire(int number) throws Exception {
    expire(client(running(number)).session());
  }

  /** Ends a session at ZooKeeper, whether or not its node runs. */
  void expire(Session session) throws Exception {
    ZooKeeperSessions.end(ports.addresses().zookeeper(), session, SERVER_LIMIT);
  }

  /** Stops a server, and returns when it is gone. */
  synchronized void stop(ServerName name) throws IOException, InterruptedException {
    change(name, "stopping", () -> servers.stop(name.text()));
  }

  /** Starts a server on its port, and returns when it can be used. */
  synchronized void start(ServerName name) throws IOException, InterruptedException {
    change(name, "starting", () -> servers.start(name.text()));
  }

  private interface Change {
    String make() throws IOException, InterruptedException;
  }

  private void change(ServerName name, String meanwhile, Change change)
      throws IOException, InterruptedException {
    Events.ServerView before = Objects.requireNonNull(serverViews.get(name));
    show(name, new Events.ServerView(name.text(), meanwhile, before.address(), before.pid()));
    try {
      String unused = change.make();
    } catch (RefusedCommandException e) {
      throw new RefusedRequestException(409, String.valueOf(e.getMessage()));
    } finally {
      if (name == ServerName.REDIS) {
        // Those connections are to a server that is gone, and each would fail once.
        redis.getPool().clear();
      }
      showAsItIs(name);
    }
  }

  private void showAsItIs(ServerName name) {
    Long pid = servers.pid(name).isPresent() ? servers.pid(name).getAsLong() : null;
    String address =
        "127.0.0.1:"
            + switch (name) {
              case ZOOKEEPER -> ports.zookeeper();
              case REDIS -> ports.redis();
              case POSTGRES -> ports.postgres();
            };
    show(name, new Events.ServerView(name.text(), pid == null ? "stopped" : RUNNING, address, pid));
  }

  private void show(ServerName name, Events.ServerView view) {
    serverViews.put(name, view);
    listeners.forEach(Runnable::run);
  }

  private void show(LiveNode node) {
    nodes.set(node.number() - 1, node);
    listeners.forEach(Runnable::run);
  }

  private LiveNode node(int number) {
    List<LiveNode> all = nodes();
    if (number < 1 || number > all.size()) {
      throw new RefusedRequestException(
          404, "node is %d; it must be 1 to %d".formatted(number, all.size()));
    }
    LiveNode node = all.get(number - 1);
    // It may have died a moment ago.
    return isDead(node) ? LiveNode.stopped(number) : node;
  }

  private LiveNode inState(int number, State state) {
    LiveNode node = node(number);
    if (node.state() != state) {
      throw refused(node, state.word());
    }
    return node;
  }

  private static RefusedRequestException refused(LiveNode node, String rule) {
    return new RefusedRequestException(
        409, "node %d is %s; it must be %s".formatted(node.number(), node.state().word(), rule));
  }

  static NodeClient client(LiveNode node) {
    return Objects.requireNonNull(node.client(), "a node that runs has a client");
  }

  private static Child child(LiveNode node) {
    return Objects.requireNonNull(node.child(), "a node that runs has a process");
  }

  private CompletableFuture<ReadyChild> startJava(int number)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("node", "--http-port", "0"));
    arguments.addAll(ports.addresses().nodeOptions());
    Collections.addAll(arguments, "--exit-with-parent", "--stage", "live");
    // A visitor may kill it from a terminal.
    return group.startJavaThatMayEnd("node " + number, NODE_HEAP_MEGABYTES, TIDEMARK, arguments);
  }

  private LiveNode awaitNode(int number, CompletableFuture<ReadyChild> starting)
      throws IOException, InterruptedException {
    ReadyChild ready = group.await(starting);
    String url = NodeClient.urlOf(ready.readyLine());
    return LiveNode.running(number, ready.child(), new NodeClient(http, url, REQUEST_LIMIT));
  }

  @Override
  public void close() {
    redis.close();
  }
}
