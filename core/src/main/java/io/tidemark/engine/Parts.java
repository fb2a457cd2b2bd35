package io.tidemark.engine;

import io.tidemark.CacheListener;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/** What the read path and the write path of one cache share. Each part is thread-safe. */
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
    Loads<K, V> loads) {
  static <K, V> Parts<K, V> of(
      Settings<K, V> settings,
      List<CacheListener> listeners,
      Executor callers,
      ScheduledExecutorService scheduler) {
    Journal journal = new Journal(listeners, settings.ticker());
    Rows<V> rows = new Rows<>(settings, journal);
    Publisher publisher = new Publisher(settings, rows);
    EpochCounter epochs = new EpochCounter();
    SourceReader<K, V> sources = new SourceReader<>(settings, epochs, rows, journal);
    KeysInUse keysInUse = new KeysInUse();
    Locker locker = new Locker(settings, journal);
    Claims claims = new Claims(settings, journal, callers, scheduler);
    return new Parts<>(
        settings,
        epochs,
        journal,
        rows,
        sources,
        keysInUse,
        locker,
        claims,
        new HungLoads(settings),
        publisher,
        new Repairs(settings, journal, publisher, callers, scheduler),
        new Loads<>(settings, journal, epochs, rows, sources, keysInUse, locker, claims));
  }

  WritePath<V> newWritePath(
      Executor executor, Executor threads, ScheduledExecutorService scheduler) {
    return new WritePath<>(
        settings,
        journal,
        keysInUse,
        locker,
        claims,
        new AfterCommit<>(settings, journal, rows, publisher, repairs),
        executor,
        threads,
        scheduler);
  }
}
