package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;

import io.tidemark.testkit.Awaiting;
import io.tidemark.testkit.FreePort;
import io.tidemark.testkit.RoundTrips;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.ConnectionFactory;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
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

  private final int port = FreePort.any();
  private final Map<String, String> environment;
  private final List<String> options;
  private Process process;

  private RedisServer(Map<String, String> environment, List<String> options) {
    this.environment = environment;
    this.options = options;
    this.process = launched();
  }

  static RedisServer start() {
    return new RedisServer(Map.of(), List.of());
  }

  /** Starts a server with a password that this class does not know. */
  static RedisServer startGuarded(String password) {
    return new RedisServer(Map.of(), List.of("--requirepass", password));
  }

  /**
   * Starts a server that can join a cluster, and has no hash slots yet.
   *
   * @param nodeTimeout how long another may be silent before it counts as down
   */
  static RedisServer startClustered(Duration nodeTimeout) {
    List<String> options = new ArrayList<>(List.of("--cluster-enabled", "yes"));
    options.addAll(List.of("--cluster-node-timeout", Long.toString(nodeTimeout.toMillis())));
    // What a replica was sent would be found by the next server that starts in the folder.
    options.addAll(List.of("--rdb-del-sync-files", "yes"));
    return new RedisServer(Map.of(), options);
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
    JedisSocketFactory sockets =
        () -> {
          try {
            return trips.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
          } catch (IOException e) {
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
    command.add(BINARY.getAbsolutePath());
    command.addAll(options);
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--save", "", "--appendonly", "no"));
    command.addAll(List.of("--cluster-config-file", "nodes-" + port + ".conf"));
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
