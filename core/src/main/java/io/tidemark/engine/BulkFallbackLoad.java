package io.tidemark.engine;

import io.tidemark.DeadlineExceededException;
import io.tidemark.Origin;
import io.tidemark.engine.Flight.Landing;
import io.tidemark.engine.SourceReader.Loaded;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Loads rows of many keys past the cache, like {@link FallbackLoad}: without claims, and stores
 * nothing. Runs once.
 */
final class BulkFallbackLoad<K, V> {
  private final Settings<K, V> settings;
  private final Rows<V> rows;
  private final SourceReader<K, V> sources;
  private final BulkReader<K, V> reader;
  private final KeysInUse keysInUse;
  private final List<LoadOrder<K, V>> orders;
  private final FlightGroup<K, V> group;
  private final LoadRun run;
  private final Deadline deadline;
  private final Origin origin;

  /**
   * Prepares a load.
   *
   * @param orders one or more
   * @param group they share its run
   * @param deadline of the first caller; past it, nobody waits for the load any more
   * @param origin of the answers
   */
  BulkFallbackLoad(
      Settings<K, V> settings,
      Rows<V> rows,
      SourceReader<K, V> sources,
      BulkReader<K, V> reader,
      KeysInUse keysInUse,
      List<LoadOrder<K, V>> orders,
      FlightGroup<K, V> group,
      Deadline deadline,
      Origin origin) {
    this.settings = settings;
    this.rows = rows;
    this.sources = sources;
    this.reader = reader;
    this.keysInUse = keysInUse;
    this.orders = orders;
    this.group = group;
    this.run = group.run();
    this.deadline = deadline;
    this.origin = origin;
  }

  /** Lands or fails every flight. */
  void fly() {
    List<CacheKey<K>> unused = group.beginAttempt(orders.stream().map(LoadOrder::key).toList());
    if (deadline.hasPassed()) {
      throw late(orders.get(0).key().slot());
    }
    List<LoadOrder<K, V>> wanted = new ArrayList<>();
    for (LoadOrder<K, V> order :
        orders.stream().filter(order -> group.has(order.key().slot())).toList()) {
      try {
        sources.checkNotFailing(order.key().slot());
        wanted.add(order);
      } catch (RuntimeException | Error e) {
        order.flight().fail(e);
      }
    }
    List<Reply<Loaded<V>>> replies = wanted.isEmpty() ? List.of() : readAll(wanted).orElse(null);
    for (int i = 0; i < wanted.size() && !run.hasEnded(); i++) {
      LoadOrder<K, V> order = wanted.get(i);
      if (replies != null) {
        land(order, replies.get(i));
      } else if (!group.beginAttempt(List.of(order.key())).isEmpty()) {
        land(order, readOne(order));
      }
    }
  }

  /** Reads all at once; empty if each is to be read by itself. */
  private Optional<List<Reply<Loaded<V>>>> readAll(List<LoadOrder<K, V>> wanted) {
    if (!reader.isBulk()) {
      return Optional.empty();
    }
    wanted.forEach(order -> keysInUse.enter(order.key().slot()));
    try {
      return reader.read(wanted.stream().map(LoadOrder::key).toList(), run);
    } finally {
      wanted.forEach(order -> keysInUse.leave(order.key().slot()));
    }
  }

  private DeadlineExceededException late(SlotKey key) {
    return new DeadlineExceededException(
        key,
        "its turn to be read from the source did not come in time" + settings.obstacle(),
        null);
  }

  private Reply<Loaded<V>> readOne(LoadOrder<K, V> order) {
    if (deadline.hasPassed()) {
      return new Reply.Failed<>(late(order.key().slot()));
    }
    keysInUse.enter(order.key().slot());
    try {
      return reader.readOne(order.key(), run);
    } finally {
      keysInUse.leave(order.key().slot());
    }
  }

  private void land(LoadOrder<K, V> order, Reply<Loaded<V>> reply) {
    if (reply instanceof Reply.Failed<Loaded<V>> failed) {
      order.flight().fail(Failures.thrown(failed));
      return;
    }
    SlotKey key = order.key().slot();
    try {
      Loaded<V> loaded = reply.get();
      rows.throwIfRefused(key, loaded.checked());
      order
          .flight()
          .land(
              new Landing<>(
                  new Answer<>(loaded.row(), origin, false, 0, Optional.empty()),
                  // Safeguard EPOCH_OF_BULK_READ: since then, a write may have returned.
                  loaded.epoch()));
    } catch (RuntimeException e) {
      order.flight().fail(e);
    }
  }
}
