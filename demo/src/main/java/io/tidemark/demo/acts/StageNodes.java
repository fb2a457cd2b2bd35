package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeClient;
import io.tidemark.demo.services.ServerAddresses;
import io.tidemark.processes.JavaProgram;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.processes.ThisJvm;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Starts and ends the nodes of a stage, each in a process of its own. */
final class StageNodes {
  /** How long every load takes. */
  static final Duration DB_LATENCY = Duration.ofMillis(100);

  /**
   * How long the callers, and the nodes on their behalf, wait for anything: a machine that is slow
   * or stands still does not decide an act.
   */
  static final Duration PATIENCE = Duration.ofMinutes(5);

  /** The callers' own answer comes first. */
  private static final Duration TIMEOUT = PATIENCE.plusMinutes(1);

  private static final Duration SESSION_TIMEOUT = Duration.ofMinutes(1);
  private static final int HEAP_MEGABYTES = 96;
  private static final JavaProgram TIDEMARK = ThisJvm.program("io.tidemark.demo.Tidemark");

  /** How a node is set up. */
  enum Kind {
    /** One of the fleet: as patient as its callers, and its loads can be held. */
    FLEET(
        "--session-timeout",
        millis(SESSION_TIMEOUT),
        "--wait",
        millis(PATIENCE),
        "--db-latency",
        millis(DB_LATENCY),
        "--stage",
        "rehearsal"),
    /** With the client of {@code docs/operations.md} and every default. */
    DEFAULTS,
    /** With every default, and the rivals beside the cache. */
    WITH_RIVALS("--stage", "live"),
    /**
     * Serves expired values while the database is away. They expire at once, so that nobody has to
     * wait for it, and are kept for longer than any machine needs.
     */
    FAIL_SAFE("--ttl", "1s", "--grace", "1h", "--on-load-failure", "stale", "--wait", "2s");

    private final String options;

    Kind(String... options) {
      this.options = String.join(" ", options);
    }

    private List<String> options() {
      return Arrays.stream(options.split(" ", -1)).filter(option -> !option.isEmpty()).toList();
    }

    private static String millis(Duration duration) {
      return duration.toMillis() + "ms";
    }
  }

  private final ProcessGroup group;
  private final ServerAddresses servers;
  private final HttpClient http = HttpClient.newHttpClient();

  StageNodes(ProcessGroup group, ServerAddresses servers) {
    this.group = group;
    this.servers = servers;
  }

  /**
   * Starts the nodes of a fleet, and returns at once. They can be started before their servers:
   * while PostgreSQL is being unpacked, there is a processor for them.
   */
  List<CompletableFuture<ReadyChild>> launchFleet(int processes)
      throws IOException, InterruptedException {
    List<CompletableFuture<ReadyChild>> launched = new ArrayList<>();
    for (int number = 1; number <= processes; number++) {
      launched.add(launch("node " + number, Kind.FLEET));
    }
    return launched;
  }

  /** Starts a node, and returns at once. */
  CompletableFuture<ReadyChild> launch(String name, Kind kind)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("node", "--http-port", "0"));
    arguments.addAll(servers.nodeOptions());
    arguments.add("--exit-with-parent");
    arguments.addAll(kind.options());
    return group.startJava(name, HEAP_MEGABYTES, TIDEMARK, arguments);
  }

  /** Waits until a node serves. On failure the group still has what was started. */
  NodeProcess await(CompletableFuture<ReadyChild> launched)
      throws IOException, InterruptedException {
    ReadyChild ready = group.await(launched);
    String url = NodeClient.urlOf(ready.readyLine());
    return new NodeProcess(ready.child(), new NodeClient(http, url, TIMEOUT));
  }

  /** Tells a node to leave, and returns when it is gone. */
  void end(NodeProcess node) throws IOException, InterruptedException {
    group.end(node.child());
  }
}
