package io.tidemark.proof.failures;

import static org.awaitility.Awaitility.await;

import io.tidemark.TidemarkException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.demo.services.Servers;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * Three servers, the networks through which a process uses them, and a neighbour of that process
 * whose networks never fail. For one thread.
 */
final class World implements AutoCloseable {
  /** More than a busy machine needs to be as it was before a fault. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(10);

  /** The neighbour waits for whatever the process has left behind. */
  private static final Clients.Limits PATIENT = new Clients.Limits(PATIENCE, PATIENCE, PATIENCE);

  private final Map<Server, Line> lines = new EnumMap<>(Server.class);
  private final Clients process;
  private final Clients neighbour;
  private final VersionedCache<String, String> neighboursCache;
  private final VersionedCache<String, String> neighboursShortLived;

  /**
   * Starts everything.
   *
   * @param limits of the process's clients
   */
  World(Clients.Limits limits) throws Exception {
    lines.put(Server.ZOOKEEPER, Line.to(Backend.zookeeper()));
    lines.put(Server.REDIS, Line.to(Backend.redis()));
    lines.put(Server.DATABASE, Line.to(Backend.postgres()));
    Items.create(jdbcUrl());
    this.process =
        new Clients(
            line(Server.ZOOKEEPER).port(),
            line(Server.REDIS).port(),
            line(Server.DATABASE).port(),
            limits);
    this.neighbour =
        new Clients(
            line(Server.ZOOKEEPER).directPort(),
            line(Server.REDIS).directPort(),
            line(Server.DATABASE).directPort(),
            PATIENT);
    this.neighboursCache = neighbour.cache(options -> options.deadline(PATIENCE));
    this.neighboursShortLived =
        neighbour.cache(
            options ->
                options.deadline(PATIENCE).ttl(Duration.ofMillis(1)).grace(Duration.ofMinutes(10)));
  }

  /** The clients of the process that faults are about. */
  Clients process() {
    return process;
  }

  void begin(Server server, Fault fault) throws Exception {
    line(server).begin(fault);
  }

  void end(Server server, Fault fault) throws Exception {
    line(server).end(fault);
  }

  /** A key that no test has used, with a row. */
  String newRow(String payload) {
    String key = UUID.randomUUID().toString();
    await()
        .atMost(PATIENCE)
        .pollInterval(POLL)
        .ignoreExceptionsInstanceOf(SQLException.class)
        .until(() -> neighbour.items().write(key, payload), Objects::nonNull);
    return key;
  }

  /** Makes a row the entry. The neighbour does it, so that the process holds no lock then. */
  void fillByNeighbour(String key) {
    readWhenMended(neighboursCache, key);
  }

  /** Makes a row the entry, expired and kept. */
  void fillExpiredByNeighbour(String key) {
    readWhenMended(neighboursShortLived, key);
    await()
        .pollInterval(POLL)
        .until(() -> isExpired(neighbour.store().read(new SlotKey(Items.CACHE, key))));
  }

  private static boolean isExpired(Slot slot) {
    return slot instanceof Slot.Value value && value.freshness() == Slot.Freshness.EXPIRED;
  }

  /** Writes through the neighbour's cache, and returns when the row is committed and published. */
  void writeByNeighbour(String key, String payload) {
    await()
        .atMost(PATIENCE)
        .pollInterval(POLL)
        .ignoreExceptionsMatching(
            failure -> failure instanceof SQLException || failure instanceof TidemarkException)
        .until(
            () ->
                neighboursCache.update(key, () -> neighbour.items().write(key, payload)).outcome()
                    != WriteOutcome.UNKNOWN);
  }

  /** Reads until an answer comes, as soon as the servers can be used again. */
  static String readWhenMended(VersionedCache<String, String> cache, String key) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(POLL)
        .ignoreExceptionsInstanceOf(TidemarkException.class)
        .until(() -> cache.get(key).orElse("nothing"), Objects::nonNull);
  }

  /** What the database holds. */
  String committed(String key) throws SQLException {
    return Items.committed(jdbcUrl(), key);
  }

  @Override
  public void close() throws IOException {
    process.close();
    neighbour.close();
    for (Line line : lines.values()) {
      line.close();
    }
  }

  private String jdbcUrl() {
    return Servers.jdbcUrl(line(Server.DATABASE).directPort());
  }

  private Line line(Server server) {
    return Objects.requireNonNull(lines.get(server));
  }
}
