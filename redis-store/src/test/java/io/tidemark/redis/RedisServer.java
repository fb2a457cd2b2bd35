package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemark.testkit.Awaiting;
import io.tidemark.testkit.FreePort;
import io.tidemark.testkit.RoundTrips;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.ConnectionFactory;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.providers.PooledConnectionProvider;
import redis.embedded.core.ExecutableProvider;

/**
 * A Redis for a test: the binary of embedded-redis on a free port of 127.0.0.1, without disk. It is
 * started here because embedded-redis can neither pass an environment nor restart.
 */
final class RedisServer implements AutoCloseable {
  /**
   * Below target, so that nothing is left in the machine's temporary folder; its own for each
   * process, because embedded-redis overwrites the binary that it finds and deletes it at the end.
   */
  private static final Path FOLDER =
      Path.of("target", "redis-server", Long.toString(ProcessHandle.current().pid()));

  private static final File BINARY = extracted();

  private static final String VALKEY = "valkey-server";

  private final String program;
  private final int port = FreePort.any();
  private final Map<String, String> environment;
  private final List<String> options;
  private Process process;

  private RedisServer(Map<String, String> environment, List<String> options) {
    this(BINARY.getAbsolutePath(), environment, options);
  }

  private RedisServer(String program, Map<String, String> environment, List<String> options) {
    this.program = program;
    this.environment = environment;
    this.options = options;
    this.process = launched();
  }

  static RedisServer start() {
    return new RedisServer(Map.of(), List.of());
  }

  /**
   * Starts the Valkey of this machine. Where there is none, the test is skipped, and fails in CI,
   * which installs it.
   */
  static RedisServer startValkey() {
    String reason = "this machine has no valkey-server, which is Debian's package of that name";
    boolean isInstalled =
        Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, VALKEY)));
    if (System.getenv("CI") != null) {
      assertThat(isInstalled).as(reason).isTrue();
    }
    assumeTrue(isInstalled, reason);
    return new RedisServer(VALKEY, Map.of(), List.of("--enable-debug-command", "local"));
  }

  /** Starts a server with a password that this class does not know. */
  static RedisServer startGuarded(String password) {
    return new RedisServer(Map.of(), List.of("--requirepass", password));
  }

  /** Starts a server with further options, such as {@code --rename-command}. */
  static RedisServer startWithOptions(String... options) {
    return new RedisServer(Map.of(), List.of(options));
  }

  /** Starts a replica of the server behind a port of 127.0.0.1, perhaps of a proxy. */
  static RedisServer startReplicaOf(int port) {
    return new RedisServer(Map.of(), List.of("--replicaof", "127.0.0.1", Integer.toString(port)));
  }

  /**
   * Starts a server that can join a cluster, and has no hash slots yet.
   *
   * @param nodeTimeout how long another may be silent before it counts as down
   */
  static RedisServer startClustered(Duration nodeTimeout) {
    String millis = Long.toString(nodeTimeout.toMillis());
    return new RedisServer(
        Map.of(), List.of("--cluster-enabled", "yes", "--cluster-node-timeout", millis));
  }

  /** Starts a Sentinel that watches a master, and decides alone. */
  static RedisServer startSentinelOf(RedisServer master, String name) {
    try {
      // A Sentinel keeps what it knows in a file, which must exist.
      String file = Files.createTempFile(FOLDER.toAbsolutePath(), "sentinel", ".conf").toString();
      String port = Integer.toString(master.port);
      return new RedisServer(
          Map.of(), List.of(file, "--sentinel", "monitor", name, "127.0.0.1", port, "1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RedisServer startWith(Map<String, String> environment) {
    return new RedisServer(environment, List.of());
  }

  int port() {
    return port;
  }

  /** Creates a client of this server, which the caller closes. */
  RedisClient client() {
    return client(port);
  }

  /** Creates a client of a port, perhaps of a proxy, that gives up no earlier than a test. */
  static RedisClient client(int port) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(20);
    pool.setMaxWait(Awaiting.LIMIT);
    return client(port, Awaiting.LIMIT, pool);
  }

  static RedisClient client(int port, Duration timeout, ConnectionPoolConfig pool) {
    int timeoutMillis = Math.toIntExact(timeout.toMillis());
    return RedisClient.builder()
        .hostAndPort(address(port))
        .clientConfig(DefaultJedisClientConfig.builder().timeoutMillis(timeoutMillis).build())
        .poolConfig(pool)
        .build();
  }

  /** Creates a client whose round trips are counted. */
  static RedisClient client(int port, RoundTrips trips) {
    return client(() -> trips.connect(loopback(port)));
  }

  /** Creates a client that connects to whatever server there is then. */
  static RedisClient clientOf(Supplier<RedisServer> present) {
    return client(
        () -> {
          Socket socket = new Socket();
          socket.connect(loopback(present.get().port));
          return socket;
        });
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static RedisClient client(Callable<Socket> connector) {
    JedisSocketFactory sockets =
        () -> {
          try {
            return connector.call();
          } catch (Exception e) {
            throw new JedisConnectionException(e);
          }
        };
    return RedisClient.builder()
        .connectionProvider(
            new PooledConnectionProvider(
                new ConnectionFactory(sockets, DefaultJedisClientConfig.builder().build())))
        .build();
  }

  static HostAndPort address(int port) {
    return new HostAndPort(InetAddress.getLoopbackAddress().getHostAddress(), port);
  }

  /** Runs a command as the administrator. */
  Object run(Protocol.Command command, String... arguments) {
    try (RedisClient client = client()) {
      return client.executeCommand(new CommandArguments(command).addObjects((Object[]) arguments));
    }
  }

  /** The lineage of the slots that it writes. */
  String lineage() {
    String id = "master_replid:";
    try (RedisClient client = client()) {
      return client
          .info("replication")
          .lines()
          .filter(line -> line.startsWith(id))
          .map(line -> line.substring(id.length(), id.length() + Lineage.LENGTH))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Changes its replication id, as it would be after a promotion, and nothing else. */
  void beginLineage() {
    try (RedisClient client = client()) {
      ProtocolCommand debug = () -> "DEBUG".getBytes(US_ASCII);
      client.executeCommand(new CommandArguments(debug).add("CHANGE-REPL-ID"));
    }
  }

  /**
   * How often a command was called, also by scripts, since the start or {@code CONFIG RESETSTAT}.
   */
  long calls(String command) {
    try (RedisClient client = client()) {
      return client
          .info("commandstats")
          .lines()
          .filter(line -> line.startsWith("cmdstat_" + command + ":calls="))
          .map(line -> line.substring(line.indexOf('=') + 1, line.indexOf(',')))
          .mapToLong(Long::parseLong)
          .sum();
    }
  }

  /** Stops the server, which loses its data. Its port stays free for {@link #restart}. */
  void stop() {
    process.destroy();
    try {
      if (!process.waitFor(Awaiting.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the server as a crash does. */
  void kill() {
    process.destroyForcibly();
  }

  /** Starts the server again, empty, on the same port. */
  void restart() {
    stop();
    process = launched();
  }

  /** Stops the process until {@link #resume}. It keeps its data and what it is sent. */
  void pause() {
    signal("STOP");
  }

  void resume() {
    signal("CONT");
  }

  @Override
  public void close() {
    resume();
    stop();
  }

  private void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Process launched() {
    List<String> command = new ArrayList<>();
    command.add(program);
    command.addAll(options);
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--save", "", "--appendonly", "no"));
    command.addAll(List.of("--cluster-config-file", "nodes-" + port + ".conf"));
    // What a replica is sent first passes through this file.
    command.addAll(List.of("--dbfilename", "copy-" + port + ".rdb"));
    command.addAll(List.of("--rdb-del-sync-files", "yes"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(FOLDER.toFile())
            .redirectErrorStream(true)
            .redirectOutput(FOLDER.resolve("redis-" + port + ".log").toFile());
    builder.environment().putAll(environment);
    try {
      Process launched = builder.start();
      awaitReady(launched);
      return launched;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A server that answers is ready, even if it answers that it knows no such client. */
  private void awaitReady(Process launched) {
    try (RedisClient client = client()) {
      await()
          .failFast("redis-server ended", () -> !launched.isAlive())
          .ignoreException(JedisConnectionException.class)
          .until(() -> answers(client));
    }
  }

  private static boolean answers(RedisClient client) {
    try {
      return client.ping().equals("PONG");
    } catch (JedisDataException e) {
      return true;
    }
  }

  private static File extracted() {
    File folder = FOLDER.toFile();
    if (!folder.isDirectory() && !folder.mkdirs()) {
      throw new IllegalStateException("cannot make " + folder.getAbsolutePath());
    }
    try {
      return ExecutableProvider.newJarResourceProvider(folder).get();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
