package io.tidemark.engine;

import io.tidemark.CacheClosedException;
import io.tidemark.TidemarkException;
import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The updates of a cache that have not ended. Closing the cache calls off those that wait, as does
 * the deadline of a caller that has left one to another thread; those under way are completed.
 * Thread-safe.
 */
final class OpenWrites {
  private final Set<Entry> entries = new LinkedHashSet<>();
  private boolean closed;
  private @Nullable Runnable whenOver;

  private enum State {
    WAITS,
    UNDER_WAY,
    CALLED_OFF
  }

  /** How an update that was called off ends. */
  @FunctionalInterface
  interface Ending {
    /** What it throws, with what it has failed with since as the cause, if with anything. */
    TidemarkException exception(@Nullable Throwable cause);
  }

  /** One update, from its call to its end. */
  final class Entry implements AutoCloseable {
    private final SlotKey slotKey;
    private final Runnable whenCalledOff;
    private State state = State.WAITS;
    private @Nullable Ending ending;
    private @Nullable Thread thread;
    private boolean interrupted;

    private Entry(SlotKey slotKey, Runnable whenCalledOff) {
      this.slotKey = slotKey;
      this.whenCalledOff = whenCalledOff;
    }

    /** Says that this thread begins to wait for lock and claim; it is interrupted if called off. */
    void beginToWait() {
      synchronized (OpenWrites.this) {
        throwIfCalledOff(null);
        thread = Thread.currentThread();
      }
    }

    /** Says that the write runs now, which nothing calls off any more. */
    void begin() {
      synchronized (OpenWrites.this) {
        endWait();
        throwIfCalledOff(null);
        state = State.UNDER_WAY;
      }
    }

    /**
     * Says that no claim was acquired.
     *
     * @throws TidemarkException if that may be because the update was called off
     */
    void fail(Throwable failure) {
      synchronized (OpenWrites.this) {
        endWait();
        throwIfCalledOff(failure);
      }
    }

    /**
     * Calls the update off, unless its write runs already, or has.
     *
     * @return whether it is so, also where it was called off before
     */
    boolean callOff(Ending how) {
      synchronized (OpenWrites.this) {
        if (state == State.WAITS) {
          state = State.CALLED_OFF;
          ending = how;
          if (thread != null) {
            interrupted = true;
            thread.interrupt();
          }
        }
        return state == State.CALLED_OFF;
      }
    }

    /** An interrupt that came from here ends here: the thread may be a caller's. */
    private void endWait() {
      thread = null;
      if (interrupted) {
        interrupted = false;
        boolean unused = Thread.interrupted();
      }
    }

    private void throwIfCalledOff(@Nullable Throwable cause) {
      if (ending != null) {
        throw ending.exception(cause);
      }
    }

    /** Ends the update. */
    @Override
    public void close() {
      Runnable last = null;
      synchronized (OpenWrites.this) {
        endWait();
        entries.remove(this);
        if (entries.isEmpty()) {
          last = whenOver;
          whenOver = null;
        }
      }
      if (last != null) {
        last.run();
      }
    }
  }

  /**
   * Begins an update.
   *
   * @param whenCalledOff is run, on the thread that closes, if it is called off
   * @throws CacheClosedException if the cache is closed
   */
  Entry enter(SlotKey slotKey, Runnable whenCalledOff) {
    Entry entry = new Entry(slotKey, whenCalledOff);
    synchronized (this) {
      if (closed) {
        throw new CacheClosedException(null, slotKey.cache() + ": the cache is closed", null);
      }
      entries.add(entry);
    }
    return entry;
  }

  /**
   * Calls off what waits.
   *
   * @return the keys that are being written
   */
  List<SlotKey> close() {
    List<Entry> calledOff = new ArrayList<>();
    List<SlotKey> underWay = new ArrayList<>();
    synchronized (this) {
      closed = true;
      for (Entry entry : entries) {
        if (entry.callOff(cause -> closed(entry.slotKey, cause))) {
          calledOff.add(entry);
        } else {
          underWay.add(entry.slotKey);
        }
      }
    }
    calledOff.forEach(entry -> entry.whenCalledOff.run());
    return underWay;
  }

  private static CacheClosedException closed(SlotKey slotKey, @Nullable Throwable cause) {
    return new CacheClosedException(
        slotKey, "the cache was closed" + Work.WRITE.consequence(), cause);
  }

  /** Has something done once they are closed and no update is left: now, or by the last of them. */
  void whenOver(Runnable task) {
    synchronized (this) {
      if (!entries.isEmpty()) {
        whenOver = task;
        return;
      }
    }
    task.run();
  }
}
