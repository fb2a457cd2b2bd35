package io.tidemark.proof.histories;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.BulkSource;
import io.tidemark.CacheBuilder;
import io.tidemark.Codec;
import io.tidemark.FallbackPolicy;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.processes.ParentWatch;
import io.tidemark.redis.RedisStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A process of the fleet: one cache of the real library on real servers, which does what it is told
 * and records what it does. It takes commands on a port of 127.0.0.1, each on a connection of its
 * own, one line for one line, several at once. It ends with its standard input.
 *
 * <ul>
 *   <li>{@code load <seed> <threads> <mean pause in µs> <key,...>} and {@code stop}
 *   <li>{@code run <kind> <key>}: one operation
 *   <li>{@code read-all <key,...>}: a read of many keys
 *   <li>{@code set <point> <key>}, {@code reached <point> <key>} and {@code open <point> <key>}: a
 *       gate for one operation, the wait until it stands there, and its end
 *   <li>{@code clock <jump in ms> <rate>}: moves the clock of the library
 *   <li>{@code waiting}: how many callers wait for a load
 *   <li>{@code answered <verb> <key>}: how many requests the store has answered
 *   <li>{@code expire}: ends the ZooKeeper session at the servers
 * </ul>
 */
public final class WorkerProgram {
  /** The name of the cache that all workers share. */
  static final String CACHE = "proof";

  /** The answer to a command that was carried out and has no other. */
  static final String DONE = "done";

  private static final Duration GRACE = Duration.ofSeconds(2);
  private static final int MOST_CLAIM_LIVES = 5;

  /** Longer than a script takes. */
  private static final Duration REPLICA_LAG = Duration.ofMinutes(30);

  private final Operations operations;
  private final BulkOperations bulkOperations;
  private final Holds holds;
  private final DriftingTicker ticker;
  private final WorkerClients clients;
  private final Requests requests;
  private @Nullable WorkerLoad load;

  private WorkerProgram(
      Operations operations,
      BulkOperations bulkOperations,
      Holds holds,
      DriftingTicker ticker,
      WorkerClients clients,
      Requests requests) {
    this.operations = operations;
    this.bulkOperations = bulkOperations;
    this.holds = holds;
    this.ticker = ticker;
    this.clients = clients;
    this.requests = requests;
  }

  /** Runs a worker; see {@link WorkerOptions} for its arguments. */
  public static void main(String[] arguments) throws Exception {
    WorkerOptions options = WorkerOptions.parse(arguments);
    OperationLog log = OperationLog.create(options.history(), options.process());
    WorkerClients clients = WorkerClients.open(options);
    Holds holds = new Holds();
    DriftingTicker ticker = new DriftingTicker();
    ItemTable table = new ItemTable(clients.database());
    Requests requests = new Requests();
    VersionedCache<String, String> cache = cache(options, clients, table, holds, ticker, requests);
    WorkerProgram worker =
        new WorkerProgram(
            new Operations(cache, table, log, holds),
            new BulkOperations(cache, table, log, holds),
            holds,
            ticker,
            clients,
            requests);
    try (ServerSocket commands = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread listener = new Thread(() -> worker.listen(commands), "commands");
      listener.setDaemon(true);
      listener.start();
      System.out.printf(
          "ready %d pid %d%n", commands.getLocalPort(), ProcessHandle.current().pid());
      ParentWatch.endOfInput().await();
    }
    // Everything is recorded already, and an orderly end could wait for servers that are gone.
    Runtime.getRuntime().halt(0);
  }

  private static VersionedCache<String, String> cache(
      WorkerOptions options,
      WorkerClients clients,
      ItemTable table,
      Holds holds,
      DriftingTicker ticker,
      Requests requests) {
    WorkerSetup setup = options.setup();
    CacheBuilder<String, String> builder =
        VersionedCache.<String, String>builder(CACHE)
            .source(lingering(table.source(), holds))
            .store(
                requests.countedOn(
                    RedisStore.builder(clients.redis()).failover(setup.failover()).build()))
            .locks(clients.locks())
            .codec(new Utf8())
            .ttl(setup.ttl())
            .negativeTtl(setup.negativeTtl())
            .ttlJitter(0.5)
            .deadline(setup.deadline())
            .claimLife(setup.claimLife())
            .maxLoadTime(setup.claimLife().multipliedBy(MOST_CLAIM_LIVES))
            .onFallback(options.fallback())
            .ticker(ticker);
    if (options.fallback() == FallbackPolicy.STALE) {
      builder.grace(GRACE);
    }
    if (setup.isScript()) {
      builder.scheduler(Requests.soon());
    }
    if (setup.hasReplica()) {
      builder.replica(table.replica()).replicaLag(REPLICA_LAG);
    }
    return builder.build();
  }

  private static BulkSource<String, String> lingering(
      BulkSource<String, String> source, Holds holds) {
    return BulkSource.of(
        key -> {
          Row<String> row = source.load(key);
          holds.pass(Holds.Point.AFTER_READ, key);
          return row;
        },
        keys -> {
          Map<String, Row<String>> rows = source.loadAll(keys);
          for (String key : keys) {
            holds.pass(Holds.Point.AFTER_READ, key);
          }
          return rows;
        });
  }

  private void listen(ServerSocket commands) {
    while (!commands.isClosed()) {
      try {
        Socket connection = commands.accept();
        Thread thread = new Thread(() -> serve(connection), "command");
        thread.setDaemon(true);
        thread.start();
      } catch (IOException e) {
        // The worker is ending, or the caller left: the loop's condition tells which.
      }
    }
  }

  private void serve(Socket connection) {
    try (connection;
        BufferedReader in =
            new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8));
        PrintStream out = new PrintStream(connection.getOutputStream(), true, UTF_8)) {
      String command = in.readLine();
      if (command != null) {
        out.println(answer(command));
      }
    } catch (IOException e) {
      // The asker is gone.
    }
  }

  private String answer(String command) {
    try {
      return execute(command.split(" ", -1));
    } catch (Exception e) {
      e.printStackTrace();
      return "failed: " + e;
    }
  }

  private String execute(String[] words) throws Exception {
    switch (words[0]) {
      case "load" -> startLoad(words);
      case "stop" -> stopLoad();
      case "run" -> {
        return operations.run(Kind.valueOf(words[1]), words[2], Change.Ending.COMMIT);
      }
      case "read-all" -> {
        return bulkOperations.readAll(
            List.of(words[1].split(",", -1)), BulkOperations.Wait.BLOCKING);
      }
      case "set" -> holds.set(Holds.Point.valueOf(words[1]), words[2]);
      case "reached" -> holds.awaitReached(Holds.Point.valueOf(words[1]), words[2]);
      case "open" -> holds.open(Holds.Point.valueOf(words[1]), words[2]);
      case "clock" ->
          ticker.move(
              TimeUnit.MILLISECONDS.toNanos(Long.parseLong(words[1])),
              Double.parseDouble(words[2]));
      case "waiting" -> {
        return Integer.toString(ticker.waiting());
      }
      case "answered" -> {
        return Integer.toString(requests.answered(words[1], words[2]));
      }
      case "expire" -> clients.expireSession();
      default -> throw new IllegalArgumentException(words[0] + " is no command");
    }
    return DONE;
  }

  private synchronized void startLoad(String[] words) {
    WorkerLoad started =
        new WorkerLoad(
            operations,
            bulkOperations,
            List.of(words[4].split(",", -1)),
            TimeUnit.MICROSECONDS.toNanos(Long.parseLong(words[3])));
    holds.byChance(true);
    started.start(Long.parseLong(words[1]), Integer.parseInt(words[2]));
    load = started;
  }

  private synchronized void stopLoad() throws InterruptedException {
    if (load != null) {
      load.stop();
    }
    holds.byChance(false);
  }

  /** Texts as they are. */
  static final class Utf8 implements Codec<String> {
    @Override
    public byte[] encode(String value) {
      return value.getBytes(UTF_8);
    }

    @Override
    public String decode(byte[] bytes) {
      return new String(bytes, UTF_8);
    }
  }
}
