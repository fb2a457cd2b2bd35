package io.tidemark.engine;

import io.tidemark.RecursiveLoadException;
import io.tidemark.spi.SlotKey;
import java.util.HashSet;
import java.util.Set;

/**
 * The keys that the current thread loads or writes. A thread that asks for one of them again would
 * wait for itself; it is thrown an error instead. Thread-safe.
 */
final class KeysInUse {
  /** One empty set for the many threads that only read. */
  @SuppressWarnings("ThreadLocalUsage") // One per cache, as each has keys of its own.
  private final ThreadLocal<Set<SlotKey>> keys = ThreadLocal.withInitial(Set::of);

  /** Refuses a key that this thread is loading or writing. */
  void check(SlotKey key) {
    if (keys.get().contains(key)) {
      throw new RecursiveLoadException(
          key, "asked for by its own load or write, which would wait for itself", null);
    }
  }

  void enter(SlotKey key) {
    Set<SlotKey> mine = new HashSet<>(keys.get());
    mine.add(key);
    keys.set(mine);
  }

  void leave(SlotKey key) {
    Set<SlotKey> mine = keys.get();
    if (mine.remove(key) && mine.isEmpty()) {
      keys.remove();
    }
  }
}
