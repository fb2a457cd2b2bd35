package io.tidemark.engine;

import io.tidemark.spi.SlotKey;
import java.util.List;

/** A claim on one slot or on many, as what gives it up knows it. Thread-safe. */
interface LiveClaim {
  /** What is claimed. */
  List<SlotKey> keys();

  /** Renews it no more, and releases the lock if there is one. */
  void end();

  /**
   * Gives it up at once, so that a late fill under it is refused. Where the store does not answer,
   * it expires instead.
   *
   * @return whether the store has answered
   */
  boolean abandon();
}
