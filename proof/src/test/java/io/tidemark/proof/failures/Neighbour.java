package io.tidemark.proof.failures;

import static org.awaitility.Awaitility.await;

import io.tidemark.Row;
import io.tidemark.TidemarkException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.servers.RestartableServer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.awaitility.core.ConditionFactory;

/**
 * A process whose networks never fail. Where a server is away it waits until that is back.
 * Thread-safe.
 */
final class Neighbour implements AutoCloseable {
  private final Clients clients;
  private final VersionedCache<String, String> cache;
  private final VersionedCache<String, String> shortLived;

  Neighbour(Map<Server, RestartableServer> servers) throws InterruptedException {
    this.clients =
        new Clients(
            server -> Objects.requireNonNull(servers.get(server)).port(),
            Clients.Limits.far(),
            Map.of());
    this.cache = clients.cache(options -> options.deadline(FaultyWorld.PATIENCE).ttl(Clients.FAR));
    this.shortLived =
        clients.cache(
            options ->
                options
                    .deadline(FaultyWorld.PATIENCE)
                    .ttl(Duration.ofMillis(1))
                    .grace(Clients.FAR));
  }

  /** A key that no test has used, with a row. */
  String newRow(String payload) {
    String key = UUID.randomUUID().toString();
    Row<String> unused = untilDone(() -> clients.items().write(key, payload), Objects::nonNull);
    return key;
  }

  /** Makes a row the entry. */
  void fill(String key) {
    fill(cache, key, Slot.Freshness.FRESH);
  }

  /** Makes a row the entry, expired and kept. */
  void fillExpired(String key) {
    fill(shortLived, key, Slot.Freshness.EXPIRED);
  }

  private void fill(VersionedCache<String, String> filling, String key, Slot.Freshness freshness) {
    String unused = untilDone(() -> filling.get(key).orElse("nothing"), Objects::nonNull);
    Slot unusedSlot =
        untilDone(
            () -> clients.store().read(new SlotKey(Items.CACHE, key)),
            found -> found instanceof Slot.Value value && value.freshness() == freshness);
  }

  /** Writes and publishes without the key's lock, which a process that is cut off may have. */
  void publish(String key, String payload) {
    Row<String> row = untilDone(() -> clients.items().write(key, payload), Objects::nonNull);
    WriteOutcome unused = untilDone(() -> cache.publish(key, row), Neighbour::isKnown);
  }

  /** Writes through the cache, and returns when the row is committed and published. */
  void update(String key, String payload) {
    WriteOutcome unused =
        untilDone(
            () -> cache.update(key, () -> clients.items().write(key, payload)).outcome(),
            Neighbour::isKnown);
  }

  /** What the database holds. */
  String committed(String key) {
    return untilDone(() -> clients.items().read(key), Objects::nonNull);
  }

  @Override
  public void close() {
    clients.close();
  }

  private static boolean isKnown(WriteOutcome outcome) {
    return outcome != WriteOutcome.UNKNOWN;
  }

  /** Goes on while servers fail. */
  static <T> T untilDone(Callable<T> call, Predicate<? super T> isDone) {
    ConditionFactory patiently =
        await()
            .atMost(FaultyWorld.PATIENCE)
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(20))
            .ignoreExceptionsMatching(
                failure -> failure instanceof SQLException || failure instanceof TidemarkException);
    return patiently.until(call, isDone);
  }
}
