package io.tidemark.engine;

import io.tidemark.WriteOutcome;
import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/** One of many rows on its way to the store, and what has become of it. For one thread. */
final class Dispatch {
  private final SlotKey key;
  private final Parcel parcel;
  private @Nullable WriteOutcome outcome;
  private @Nullable RuntimeException failure;

  Dispatch(SlotKey key, Parcel parcel) {
    this.key = key;
    this.parcel = parcel;
  }

  SlotKey key() {
    return key;
  }

  Parcel parcel() {
    return parcel;
  }

  /** Whether nothing is known of it yet. */
  boolean isOpen() {
    return outcome == null && failure == null;
  }

  /** Says what is known of it in the end; null if that is still open. */
  void end(@Nullable WriteOutcome known) {
    outcome = known;
  }

  /** Says that the store has thrown what no store throws. */
  void fail(RuntimeException thrown) {
    failure = thrown;
  }

  /** What has become of it; null if that is still open, or if it has failed. */
  @Nullable WriteOutcome outcome() {
    return outcome;
  }

  /** What the store has thrown; null if nothing. */
  @Nullable RuntimeException failure() {
    return failure;
  }
}
