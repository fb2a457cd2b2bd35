package io.tidemark.engine;

import io.tidemark.engine.SourceReader.Loaded;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Filling;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads a value anew while it is still fresh, unless somebody else does. Nobody waits for it: where
 * it cannot, the value expires. Runs once.
 */
final class RefreshAheadLoad<K, V> implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(RefreshAheadLoad.class);

  private final Parts<K, V> parts;
  private final CacheKey<K> key;
  private final SlotKey slotKey;
  private final Flight<V> flight;
  private final Filling due;
  private final Terms terms;
  private final ShortMemory<Boolean> tried;

  /**
   * Prepares a load.
   *
   * @param flight keeps a second one of this process from starting
   * @param due who wrote the value that is due, and when
   * @param tried has this try, and is to forget it if the value is not due any more
   */
  RefreshAheadLoad(
      Parts<K, V> parts,
      CacheKey<K> key,
      Flight<V> flight,
      Filling due,
      Terms terms,
      ShortMemory<Boolean> tried) {
    this.parts = parts;
    this.key = key;
    this.slotKey = key.slot();
    this.flight = flight;
    this.due = due;
    this.terms = terms;
    this.tried = tried;
  }

  @Override
  public void run() {
    parts.keysInUse().enter(slotKey);
    try {
      refreshUnlessHeld();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.debug("{}: not refreshed ahead", slotKey, e);
    } finally {
      parts.keysInUse().leave(slotKey);
    }
  }

  private void refreshUnlessHeld() throws InterruptedException {
    parts.sources().checkNotFailing(slotKey);
    Deadline waitLimit = Deadline.after(terms.waitLimit(), parts.settings().ticker());
    HeldLock lock = parts.locker().tryAcquire(slotKey, Work.LOAD, waitLimit);
    if (lock == null) {
      return;
    }
    try (lock) {
      flight.beginAttempt(lock);
      if (!flight.hasEnded() && isStillTheSame(parts.settings().store().read(slotKey))) {
        refresh();
      }
    }
  }

  private void refresh() {
    Loaded<V> loaded = parts.sources().read(parts.settings().source(), key, flight);
    Parcel.Entry entry = parts.rows().entryOf(loaded.checked().parcel());
    if (entry == null) {
      parts.dropInsteadOfRefresh(slotKey);
    } else if (parts.refresh(slotKey, entry) == RefreshAnswer.STORED
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
