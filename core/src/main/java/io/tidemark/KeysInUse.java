package io.tidemark;

import io.tidemark.spi.SlotKey;
import java.util.HashSet;
import java.util.Set;

/**
 * The keys that the current thread loads or writes, so that asking for one of them again is an
 * error and not a wait for oneself. Thread-safe.
 */
final class KeysInUse {
  private final ThreadLocal<Set<SlotKey>> keys = ThreadLocal.withInitial(HashSet::new);

  /** Refuses a key that this thread is in the middle of. */
  void check(SlotKey key) {
    if (keys.get().contains(key)) {
      throw new RecursiveLoadException(
          key, "asked for by its own load or write, which would wait for itself", null);
    }
  }

  void enter(SlotKey key) {
    keys.get().add(key);
  }

  void leave(SlotKey key) {
    Set<SlotKey> mine = keys.get();
    mine.remove(key);
    if (mine.isEmpty()) {
      keys.remove();
    }
  }
}
