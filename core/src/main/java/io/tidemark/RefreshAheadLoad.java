package io.tidemark;

import io.tidemark.SourceReader.Loaded;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Filling;
import io.tidemark.spi.LockHandle;
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
  private final K key;
  private final SlotKey slotKey;
  private final Flight<V> flight;
  private final Filling due;
  private final Terms terms;
  private final ShortMemory<String> failures;
  private final Runnable beforeEnd;

  /**
   * Prepares a load.
   *
   * @param flight keeps a second one of this process from starting
   * @param due who wrote the value that is due, and when
   * @param failures is told why a value was not refreshed and may be due again
   * @param beforeEnd is run when the load is over
   */
  RefreshAheadLoad(
      Parts<K, V> parts,
      K key,
      SlotKey slotKey,
      Flight<V> flight,
      Filling due,
      Terms terms,
      ShortMemory<String> failures,
      Runnable beforeEnd) {
    this.parts = parts;
    this.key = key;
    this.slotKey = slotKey;
    this.flight = flight;
    this.due = due;
    this.terms = terms;
    this.failures = failures;
    this.beforeEnd = beforeEnd;
  }

  @Override
  public void run() {
    parts.keysInUse().enter(slotKey);
    try {
      refreshUnlessHeld();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      failures.put(slotKey, e.toString());
      LOG.debug("{}: not refreshed ahead", slotKey, e);
    } finally {
      parts.keysInUse().leave(slotKey);
      beforeEnd.run();
    }
  }

  private void refreshUnlessHeld() throws InterruptedException {
    parts.sources().checkNotFailing(slotKey);
    Deadline waitLimit = Deadline.after(terms.waitLimit(), parts.settings().ticker());
    LockHandle handle = parts.locker().tryAcquire(slotKey, waitLimit);
    if (handle == null) {
      failures.put(slotKey, "somebody else has the lock");
      return;
    }
    ClaimRenewer.Renewal bound = parts.renewer().startWithoutClaim(slotKey, handle, terms);
    try (handle) {
      if (isStillTheSame(parts.settings().store().read(slotKey))) {
        Loaded<V> loaded = parts.sources().read(parts.settings().source(), key, slotKey, flight);
        Parcel parcel = loaded.checked().parcel();
        if (parcel != null && parts.rows().keeps(parcel)) {
          parts.refresh(slotKey, parcel);
          if (parcel.goodUntil() != null) {
            // What part of its own time is over, no hit can tell.
            failures.put(slotKey, "the row has a time to live of its own");
          }
        } else {
          parts.dropInsteadOfRefresh(slotKey);
        }
      }
    } finally {
      bound.close();
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
