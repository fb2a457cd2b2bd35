package io.tidemark.engine;

import io.tidemark.Origin;
import io.tidemark.engine.Flight.Landing;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Filling;
import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The loads of one cache: prepares each kind, on the thread of the caller that starts it, and ends
 * its flight with what it has brought. Thread-safe.
 */
final class Loads<K, V> {
  /** How many keys a source is asked for in one call. */
  private static final int MOST_KEYS = 1_000;

  /** How many loads share the keys of a call where the source gives one row at a time. */
  private static final int SIDE_BY_SIDE = 8;

  private final Settings<K, V> settings;
  private final Journal journal;
  private final EpochCounter epochs;
  private final Rows<V> rows;
  private final SourceReader<K, V> sources;
  private final KeysInUse keysInUse;
  private final Locker locker;
  private final Claims claims;
  private final Loader<K, V> loader;
  private final BulkReader<K, V> reader;
  private final BulkLoader<K, V> bulkLoader;

  Loads(
      Settings<K, V> settings,
      Journal journal,
      EpochCounter epochs,
      Rows<V> rows,
      SourceReader<K, V> sources,
      KeysInUse keysInUse,
      Locker locker,
      Claims claims) {
    this.settings = settings;
    this.journal = journal;
    this.epochs = epochs;
    this.rows = rows;
    this.sources = sources;
    this.keysInUse = keysInUse;
    this.locker = locker;
    this.claims = claims;
    Fills<V> fills = new Fills<>(settings, journal, rows);
    Refreshes<V> refreshes = new Refreshes<>(settings, journal, fills);
    this.loader = new Loader<>(settings, epochs, rows, sources, fills, refreshes);
    this.reader = new BulkReader<>(settings, epochs, journal, sources);
    this.bulkLoader = new BulkLoader<>(settings, epochs, rows, reader, keysInUse, fills, refreshes);
  }

  /** A load that returns the landing of its flight, or null if nobody waits for it. */
  private interface Pilot<V> {
    @Nullable Landing<V> fly() throws InterruptedException;
  }

  /** Prepares a load under the key's lock; its time begins now. */
  Runnable underLock(LoadOrder<K, V> order) {
    SlotKey slotKey = order.key().slot();
    Terms terms = order.terms();
    KeyWait wait =
        new KeyWait(
            settings,
            journal,
            locker,
            slotKey,
            Work.LOAD,
            order.isClaimed(),
            terms.waitLimit(),
            terms.newDeadline(settings.ticker()).orAfter(terms.waitLimit()));
    Load<K, V> load = new Load<>(settings, epochs, rows, sources, claims, loader, order, wait);
    return () -> fly(slotKey, order.flight(), load::fly);
  }

  /**
   * Divides keys among loads: as few as can be where the source reads many keys in one call, and
   * several that run side by side where it does not.
   *
   * @param kind what they are loaded for. The limit of fallbacks counts keys, and not loads
   */
  List<List<LoadOrder<K, V>>> divided(List<LoadOrder<K, V>> orders, Boarding.Kind kind) {
    int most = MOST_KEYS;
    if (!reader.isBulk()) {
      most = kind == Boarding.Kind.FALLBACK ? 1 : (orders.size() + SIDE_BY_SIDE - 1) / SIDE_BY_SIDE;
    }
    List<List<LoadOrder<K, V>>> groups = new ArrayList<>();
    for (int from = 0; from < orders.size(); from += most) {
      groups.add(orders.subList(from, Math.min(from + most, orders.size())));
    }
    return groups;
  }

  /**
   * Prepares a load of many keys without their locks; its time begins now.
   *
   * @param orders one or more, on the same terms
   * @param group they share its run
   */
  Runnable many(List<LoadOrder<K, V>> orders, FlightGroup<K, V> group) {
    int keysAtOnce = reader.isBulk() ? MOST_KEYS : 1;
    BulkLoad<K, V> load =
        new BulkLoad<>(
            settings, epochs, rows, sources, claims, bulkLoader, orders, group, keysAtOnce);
    return () -> {
      try {
        load.fly();
      } catch (InterruptedException e) {
        throw Flight.unchecked(orders.get(0).key().slot(), e);
      }
    };
  }

  /** Prepares a load of many keys past the cache; see {@link #pastTheCache}. */
  Runnable manyPastTheCache(
      List<LoadOrder<K, V>> orders, FlightGroup<K, V> group, Deadline deadline, Origin origin) {
    return new BulkFallbackLoad<>(
            settings, rows, sources, reader, keysInUse, orders, group, deadline, origin)
        ::fly;
  }

  /**
   * Prepares a load past the cache.
   *
   * @param deadline of the first caller; past it, nobody waits for the load any more
   * @param origin of the answer
   */
  Runnable pastTheCache(CacheKey<K> key, Flight<V> flight, Deadline deadline, Origin origin) {
    FallbackLoad<K, V> load =
        new FallbackLoad<>(settings, rows, sources, key, flight, deadline, origin);
    return () -> fly(key.slot(), flight, load::fly);
  }

  /**
   * Prepares to refresh an entry that is still fresh.
   *
   * @param run is told how far the load has come
   * @param due who wrote the value that is due, and when
   * @param tried has this try, and is to forget it if the value is not due any more
   */
  Runnable refreshAhead(
      CacheKey<K> key, LoadRun run, Terms terms, Filling due, ShortMemory<Boolean> tried) {
    RefreshAheadLoad<K, V> load =
        new RefreshAheadLoad<>(settings, sources, locker, loader, key, run, terms, due, tried);
    return () -> {
      keysInUse.enter(key.slot());
      try {
        load.run();
      } finally {
        keysInUse.leave(key.slot());
      }
    };
  }

  @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, those who wait must hear of it.
  private void fly(SlotKey slotKey, Flight<V> flight, Pilot<V> pilot) {
    @Nullable Landing<V> landing = null;
    @Nullable Throwable failure = null;
    keysInUse.enter(slotKey);
    try {
      landing = pilot.fly();
    } catch (Throwable t) {
      failure = t;
    } finally {
      keysInUse.leave(slotKey);
    }
    // Not before the lock is on its way back: in other processes, too, callers wait for that.
    if (failure != null) {
      flight.fail(failure);
    } else if (landing != null) {
      flight.land(landing);
    }
  }
}
