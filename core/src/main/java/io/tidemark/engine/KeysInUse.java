package io.tidemark.engine;

import io.tidemark.RecursiveLoadException;
import io.tidemark.spi.SlotKey;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys that the current thread loads or writes. A thread that asks for one of them again would
 * wait for itself; it is thrown an error instead. Thread-safe.
 */
final class KeysInUse {
  /** Null for the many threads that only read. */
  @SuppressWarnings("ThreadLocalUsage") // One per cache, as each has keys of its own.
  private final ThreadLocal<@Nullable Set<SlotKey>> keys = new ThreadLocal<>();

  /** Refuses a key that this thread is loading or writing. */
  void check(SlotKey key) {
    Set<SlotKey> mine = keys.get();
    if (mine != null && mine.contains(key)) {
      throw new RecursiveLoadException(
          key, "asked for by its own load or write, which would wait for itself", null);
    }
  }

  void enter(SlotKey key) {
    Set<SlotKey> mine = keys.get();
    if (mine == null) {
      mine = new HashSet<>();
      keys.set(mine);
    }
    mine.add(key);
  }

  void leave(SlotKey key) {
    Set<SlotKey> mine = keys.get();
    if (mine != null && mine.remove(key) && mine.isEmpty()) {
      keys.remove();
    }
  }
}
