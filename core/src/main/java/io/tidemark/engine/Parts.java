package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.CacheListener;
import io.tidemark.CodecException;
import io.tidemark.UncacheablePolicy;
import io.tidemark.engine.SourceReader.Loaded;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What the read path and the write path of one cache share. Each part is thread-safe.
 *
 * @param behind warns of rows that the source itself has gone back with
 */
record Parts<K, V>(
    Settings<K, V> settings,
    EpochCounter epochs,
    Journal journal,
    Rows<V> rows,
    SourceReader<K, V> sources,
    KeysInUse keysInUse,
    Locker locker,
    Claims claims,
    HungLoads hungLoads,
    Publisher publisher,
    Repairs repairs,
    ThrottledLog behind) {
  static <K, V> Parts<K, V> of(
      Settings<K, V> settings,
      List<CacheListener> listeners,
      Executor callers,
      ScheduledExecutorService scheduler) {
    Journal journal = new Journal(listeners, settings.ticker());
    Rows<V> rows = new Rows<>(settings, journal);
    Publisher publisher = new Publisher(settings, rows);
    return new Parts<>(
        settings,
        new EpochCounter(),
        journal,
        rows,
        new SourceReader<>(settings, rows, journal),
        new KeysInUse(),
        new Locker(settings, journal),
        new Claims(settings, journal, callers, scheduler),
        new HungLoads(settings),
        publisher,
        new Repairs(settings, journal, publisher, callers, scheduler),
        new ThrottledLog(Parts.class, settings.ticker()));
  }

  /**
   * Refuses a row whose value cannot be cached, where that is the policy.
   *
   * @throws CodecException with the reason
   */
  void throwIfRefused(SlotKey slotKey, Loaded<V> loaded) {
    Refusal refusal = loaded.checked().refusal();
    if (refusal != null && settings.fallbacks().onUncacheable() == UncacheablePolicy.FAIL) {
      throw refusal.toException(slotKey);
    }
  }

  /** Drops an entry that was to be refreshed with a row that must not be one. */
  void dropInsteadOfRefresh(SlotKey slotKey) {
    settings.store().drop(slotKey, Version.NONE, settings.floorLife());
    journal.add(Kind.REFRESH_DROPPED, slotKey);
  }

  /** Offers a row that was loaded while an entry was there. */
  RefreshAnswer refresh(SlotKey slotKey, Parcel.Entry entry) {
    RefreshAnswer answer =
        settings.store().refresh(slotKey, entry.row(), rows.lifetime(entry), settings.floorLife());
    journal.add(
        switch (answer) {
          case STORED -> Kind.REFRESH_STORED;
          case SUPERSEDED -> Kind.REFRESH_SUPERSEDED;
          case DROPPED -> Kind.REFRESH_DROPPED;
          case REFUSED -> Kind.REFRESH_REFUSED;
        },
        slotKey);
    return answer;
  }
}
