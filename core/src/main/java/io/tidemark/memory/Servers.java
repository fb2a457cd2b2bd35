package io.tidemark.memory;

import io.tidemark.spi.SlotKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The servers of a store, one after the other, which all views of it share. Thread-safe. */
final class Servers {
  private static final long FIRST_LINEAGE = 1;

  private volatile Server present;

  /** Begins with an empty server. */
  Servers(long nanos) {
    this.present = new Server(new ConcurrentHashMap<>(), FIRST_LINEAGE, nanos);
  }

  /**
   * A server, from when it took over until the next one does.
   *
   * @param sinceNanos when it took over, by the ticker
   */
  record Server(ConcurrentMap<SlotKey, Cell> cells, long lineage, long sinceNanos) {

    /** Whether it may have lost what its predecessor was told within so many nanoseconds. */
    boolean hasLostWithin(long age, long nanos) {
      return lineage != FIRST_LINEAGE && nanos - sinceNanos < age;
    }
  }

  Server present() {
    return present;
  }

  /** Lets another server take over, with slots of its own. */
  synchronized void failOver(Map<SlotKey, Cell> cells, long nanos) {
    present = new Server(new ConcurrentHashMap<>(cells), present.lineage() + 1, nanos);
  }
}
