package io.tidemark.engine;

import io.tidemark.RecursiveLoadException;
import io.tidemark.UnsafeInTransactionException;
import io.tidemark.spi.SlotKey;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The keys that the current thread loads or writes, and those that its open transactions have
 * written. A thread that asks for one of them again would wait for itself, or be given what it has
 * changed; it is thrown an error instead. Thread-safe.
 */
final class KeysInUse {
  /**
   * How many keys of all caches the thread loads or writes: a load may wait for another cache's.
   */
  private static final ThreadLocal<Integer> OF_ALL_CACHES = ThreadLocal.withInitial(() -> 0);

  /** One empty set for the many threads that only read. */
  @SuppressWarnings("ThreadLocalUsage") // One per cache, as each has keys of its own.
  private final ThreadLocal<Set<SlotKey>> keys = ThreadLocal.withInitial(Set::of);

  /** The keys that transactions of a thread have written, and in how many. Null likewise. */
  @SuppressWarnings("ThreadLocalUsage")
  private final ThreadLocal<@Nullable Map<SlotKey, Integer>> uncommitted = new ThreadLocal<>();

  /** Whether there are none for this thread, so that it may ask for any key. */
  boolean areNone() {
    Map<SlotKey, Integer> mine = uncommitted.get();
    return keys.get().isEmpty() && (mine == null || mine.isEmpty());
  }

  /** Refuses a key that this thread is loading or writing, or has written and not committed. */
  void check(SlotKey key) {
    checkNotNested(key);
    Map<SlotKey, Integer> mine = uncommitted.get();
    if (mine != null && mine.containsKey(key)) {
      throw new UnsafeInTransactionException(
          key,
          "was written in a transaction of this thread that has not ended; use the row that the"
              + " update returned, or read the source in that transaction",
          null);
    }
  }

  /** Refuses a key that this thread is loading or writing. */
  void checkNotNested(SlotKey key) {
    if (keys.get().contains(key)) {
      throw new RecursiveLoadException(
          key, "asked for by its own load or write, which would wait for itself", null);
    }
  }

  /** Whether this thread is loading or writing any key of any cache. */
  static boolean isLoadingOrWriting() {
    return OF_ALL_CACHES.get() > 0;
  }

  void enter(SlotKey key) {
    Set<SlotKey> mine = keys.get();
    if (mine.isEmpty()) {
      mine = new HashSet<>();
      keys.set(mine);
    }
    if (mine.add(key)) {
      OF_ALL_CACHES.set(OF_ALL_CACHES.get() + 1);
    }
  }

  void leave(SlotKey key) {
    Set<SlotKey> mine = keys.get();
    if (!mine.remove(key)) {
      return;
    }
    if (mine.isEmpty()) {
      keys.remove();
    }
    int left = OF_ALL_CACHES.get() - 1;
    if (left == 0) {
      OF_ALL_CACHES.remove();
    } else {
      OF_ALL_CACHES.set(left);
    }
  }

  /**
   * Says that a transaction of this thread has written a key.
   *
   * @return to be run once, on any thread, when that has ended
   */
  Runnable enterTransaction(SlotKey key) {
    Map<SlotKey, Integer> mine = uncommitted.get();
    if (mine == null) {
      mine = new ConcurrentHashMap<>();
      uncommitted.set(mine);
    }
    mine.merge(key, 1, Integer::sum);
    Map<SlotKey, Integer> entered = mine;
    return () -> leaveTransaction(entered, key);
  }

  private void leaveTransaction(Map<SlotKey, Integer> entered, SlotKey key) {
    entered.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
    if (entered.isEmpty() && uncommitted.get() == entered) {
      uncommitted.remove();
    }
  }
}
