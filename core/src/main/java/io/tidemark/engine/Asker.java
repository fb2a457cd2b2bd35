package io.tidemark.engine;

import io.tidemark.UnavailableException;
import io.tidemark.spi.SlotKey;

/** What asks the source for a row: it is told how far that has come. Thread-safe. */
interface Asker {
  /** The source is being asked. */
  void askingSource();

  /** A replica is being asked. */
  void askingReplica();

  /** The source or the replica has answered. */
  void answered();

  /** Whether nobody waits for the row any more, so that it must not be stored. */
  boolean hasEnded();

  /** Refuses a row that comes after its flight was given up, or after the cache was closed. */
  default void checkWanted(SlotKey slotKey) {
    if (hasEnded()) {
      throw new UnavailableException(slotKey, "the load had been given up when it came", null);
    }
  }
}
