package io.tidemark.engine;

import io.tidemark.engine.LoadOrder.Purpose;
import io.tidemark.engine.LoadOutcome.Stored;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Filling;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads a value anew while it is still fresh, unless somebody else does. Nobody waits for it: if it
 * fails, the value expires. Runs once.
 */
final class RefreshAheadLoad<K, V> {
  private static final Logger LOG = LoggerFactory.getLogger(RefreshAheadLoad.class);

  private final Settings<K, V> settings;
  private final SourceReader<K, V> sources;
  private final Locker locker;
  private final Loader<K, V> loader;
  private final CacheKey<K> key;
  private final SlotKey slotKey;
  private final LoadRun run;
  private final Terms terms;
  private final Filling due;
  private final ShortMemory<Boolean> tried;

  /**
   * Prepares a load.
   *
   * @param run is told how far the load has come
   * @param due who wrote the value that is due, and when
   * @param tried has this try, and is to forget it if the value is not due any more
   */
  RefreshAheadLoad(
      Settings<K, V> settings,
      SourceReader<K, V> sources,
      Locker locker,
      Loader<K, V> loader,
      CacheKey<K> key,
      LoadRun run,
      Terms terms,
      Filling due,
      ShortMemory<Boolean> tried) {
    this.settings = settings;
    this.sources = sources;
    this.locker = locker;
    this.loader = loader;
    this.key = key;
    this.slotKey = key.slot();
    this.run = run;
    this.terms = terms;
    this.due = due;
    this.tried = tried;
  }

  void run() {
    try {
      refreshUnlessHeld();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.debug("{}: not refreshed ahead", slotKey, e);
    }
  }

  private void refreshUnlessHeld() throws InterruptedException {
    sources.checkNotFailing(slotKey);
    Deadline waitLimit = Deadline.after(terms.waitLimit(), settings.ticker());
    HeldLock lock = locker.tryAcquire(slotKey, Work.LOAD, waitLimit);
    if (lock == null) {
      return;
    }
    try (lock) {
      run.beginAttempt(lock);
      if (!run.hasEnded() && isStillTheSame(settings.store().read(slotKey))) {
        refresh();
      }
    }
  }

  private void refresh() {
    if (loader.refresh(key, run, Purpose.REFRESH) instanceof Stored<V> stored
        && stored.loaded().checked().parcel() instanceof Parcel.Entry entry
        // Of a row that ends at a fixed moment, each life is shorter than the one before.
        && entry.goodUntil() == null) {
      tried.forget(slotKey);
    }
  }

  /** Otherwise another process was faster, or a writer. */
  private boolean isStillTheSame(Slot slot) {
    return slot instanceof Slot.Value value
        && value.filling().writtenAt().equals(due.writtenAt())
        // A store may tell the time of writing in whole seconds.
        && value.filling().freshFor().compareTo(due.freshFor()) <= 0;
  }
}
