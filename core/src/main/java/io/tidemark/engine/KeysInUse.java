package io.tidemark.engine;

import io.tidemark.RecursiveLoadException;
import io.tidemark.spi.SlotKey;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys that the current thread loads or writes, so that asking for one of them again is an
 * error and not a wait for oneself. Thread-safe.
 */
final class KeysInUse {
  /** Null for a thread that loads and writes nothing, as those that only read: they are many. */
  @SuppressWarnings("ThreadLocalUsage") // One per cache: another's key of that name is not it.
  private final ThreadLocal<@Nullable Set<SlotKey>> keys = new ThreadLocal<>();

  /** Refuses a key that this thread is in the middle of. */
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
