package io.tidemark.demo.node;

import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.processes.ParentWatch;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import redis.clients.jedis.HostAndPort;

/**
 * Runs one node until SIGTERM or SIGINT. It starts although a server is away, and serves what it
 * can without it.
 */
@Command(
    name = "node",
    description = {
      "Serves products over HTTP on 127.0.0.1, through the cache that all nodes share.",
      "Durations are written 250ms, 5s, 5m or 1h."
    },
    mixinStandardHelpOptions = true)
public final class NodeCommand implements Callable<Integer> {
  private static final String IDLE_SECONDS = "3600";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--http-port",
      required = true,
      paramLabel = "P",
      description = "The port to serve on, 0 for any free one.")
  private int httpPort;

  @Option(
      names = "--zookeeper",
      required = true,
      paramLabel = "HOST:PORT[,...]",
      converter = Addresses.class,
      description = "ZooKeeper's addresses.")
  private String zookeeper = "";

  @ArgGroup(multiplicity = "1")
  private RedisChoice redis = new RedisChoice();

  /** One of the two must be given. */
  static final class RedisChoice {
    @Option(
        names = "--redis",
        required = true,
        paramLabel = "HOST:PORT",
        converter = Address.class,
        description = "Redis' address.")
    private @Nullable HostAndPort server;

    @Option(
        names = "--redis-cluster",
        required = true,
        paramLabel = "HOST:PORT[,...]",
        converter = AddressList.class,
        description = "Some nodes of a Redis Cluster, which name the others.")
    private List<HostAndPort> cluster = List.of();

    RedisAddress address() {
      return server == null ? RedisAddress.ofCluster(cluster) : RedisAddress.of(server);
    }
  }

  @Option(
      names = "--jdbc",
      required = true,
      paramLabel = "URL",
      description = "PostgreSQL, as jdbc:postgresql://HOST:PORT/DATABASE?user=USER.")
  private String jdbcUrl = "";

  @Option(
      names = "--lock",
      paramLabel = "LOCK",
      defaultValue = "zookeeper",
      converter = Lock.class,
      description = {
        "The locks that decide which node may load: zookeeper, redis, redlock (a majority of "
            + "several Redis servers), optimistic (Redis without scripts), local (each node for itself)"
            + " or none.",
        "Default: ${DEFAULT-VALUE}."
      })
  private LockChoice lock = LockChoice.ZOOKEEPER;

  @Option(
      names = "--redlock-servers",
      paramLabel = "HOST:PORT[,...]",
      converter = AddressList.class,
      description = {
        "The Redis servers of --lock=redlock, in the same order for every node.",
        "Default: the server of --redis alone, which is no majority of anything."
      })
  private List<HostAndPort> redlockServers = List.of();

  @Option(
      names = "--ttl",
      paramLabel = "DURATION",
      defaultValue = "5m",
      converter = Time.class,
      description = "How long a product is served from the cache. Default: ${DEFAULT-VALUE}.")
  private Duration ttl = Duration.ZERO;

  @Option(
      names = "--wait",
      paramLabel = "DURATION",
      defaultValue = "15s",
      converter = Time.class,
      description = "A caller's deadline. Default: ${DEFAULT-VALUE}.")
  private Duration deadline = Duration.ZERO;

  @Option(
      names = "--db-latency",
      paramLabel = "DURATION",
      defaultValue = "100ms",
      converter = Time.class,
      description = {
        "Spent inside every load after the row was read, as a slow query would.",
        "Default: ${DEFAULT-VALUE}."
      })
  private Duration dbLatency = Duration.ZERO;

  @Option(
      names = "--on-lock-timeout",
      paramLabel = "POLICY",
      defaultValue = "fail",
      converter = Policy.class,
      description = {
        "What a read does that cannot go the usual way in time: load (the row, uncached), "
            + "stale (serve the expired value) or fail. Default: ${DEFAULT-VALUE}."
      })
  private FallbackPolicy onLockTimeout = FallbackPolicy.FAIL;

  @Option(
      names = "--grace",
      paramLabel = "DURATION",
      converter = Time.class,
      description = {
        "How long an expired value is kept, to be served by --on-lock-timeout=stale or "
            + "--on-load-failure=stale. Default: --ttl with --on-lock-timeout=stale, else 0s."
      })
  private @Nullable Duration grace;

  @Option(
      names = "--on-load-failure",
      paramLabel = "POLICY",
      defaultValue = "fail",
      converter = LoadPolicy.class,
      description = {
        "What a read does while the database is away: stale (serve the expired value that "
            + "--grace has kept) or fail. Default: ${DEFAULT-VALUE}."
      })
  private LoadFailurePolicy onLoadFailure = LoadFailurePolicy.FAIL;

  @Option(
      names = "--session-timeout",
      paramLabel = "DURATION",
      defaultValue = "6s",
      converter = Time.class,
      description = {
        "How long ZooKeeper waits for a silent node before others get its locks.",
        "Default: ${DEFAULT-VALUE}."
      })
  private Duration sessionTimeout = Duration.ZERO;

  @Option(names = "--stage", hidden = true, defaultValue = "none", converter = Stage.class)
  private NodeStage stage = NodeStage.NONE;

  @Option(names = "--exit-with-parent", hidden = true)
  private boolean exitWithParent;

  @Override
  public Integer call() throws Exception {
    NodeOptions options = options();
    if (stage != NodeStage.NONE) {
      // A node that is stopped for long must not meet a request with the end of its connection.
      System.setProperty("sun.net.httpserver.idleInterval", IDLE_SECONDS);
    }
    try (HttpNode node = start(options)) {
      Thread onSignal = new Thread(node::close, "tidemark-signal");
      Runtime.getRuntime().addShutdownHook(onSignal);
      PrintWriter out = spec.commandLine().getOut();
      out.printf("ready %s pid %d%n", node.url(), ProcessHandle.current().pid());
      out.flush();
      (exitWithParent ? ParentWatch.endOfInput() : new CountDownLatch(1)).await();
    }
    return 0;
  }

  private HttpNode start(NodeOptions options) throws IOException, InterruptedException {
    try {
      return HttpNode.start(options);
    } catch (BindException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--http-port is '%d'; it must be free on 127.0.0.1, and one that you may open"
              .formatted(httpPort),
          e);
    }
  }

  private NodeOptions options() {
    try {
      return new NodeOptions(
          httpPort,
          zookeeper,
          redis.address(),
          redlockServers,
          jdbcUrl,
          lock,
          ttl,
          deadline,
          dbLatency,
          grace(),
          onLoadFailure,
          onLockTimeout,
          sessionTimeout,
          stage);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private Duration grace() {
    if (grace != null) {
      return grace;
    }
    return onLockTimeout == FallbackPolicy.STALE ? ttl : Duration.ZERO;
  }

  private static <T> T convert(String text, Function<String, T> notation) {
    try {
      return notation.apply(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  private static final class Time implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return NodeCommand.convert(text, Notation::duration);
    }
  }

  private static final class Address implements ITypeConverter<HostAndPort> {
    @Override
    public HostAndPort convert(String text) {
      return NodeCommand.convert(text, Notation::address);
    }
  }

  private static final class AddressList implements ITypeConverter<List<HostAndPort>> {
    @Override
    public List<HostAndPort> convert(String text) {
      return NodeCommand.convert(text, Notation::addressList);
    }
  }

  private static final class Addresses implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      return NodeCommand.convert(text, Notation::addresses);
    }
  }

  private static final class Lock implements ITypeConverter<LockChoice> {
    @Override
    public LockChoice convert(String text) {
      return NodeCommand.convert(text, word -> Notation.word(LockChoice.class, word));
    }
  }

  private static final class Policy implements ITypeConverter<FallbackPolicy> {
    @Override
    public FallbackPolicy convert(String text) {
      return NodeCommand.convert(text, word -> Notation.word(FallbackPolicy.class, word));
    }
  }

  private static final class LoadPolicy implements ITypeConverter<LoadFailurePolicy> {
    @Override
    public LoadFailurePolicy convert(String text) {
      return NodeCommand.convert(text, word -> Notation.word(LoadFailurePolicy.class, word));
    }
  }

  private static final class Stage implements ITypeConverter<NodeStage> {
    @Override
    public NodeStage convert(String text) {
      return NodeCommand.convert(text, word -> Notation.word(NodeStage.class, word));
    }
  }
}
