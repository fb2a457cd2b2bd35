package io.tidemark.engine;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Version;
import org.jspecify.annotations.Nullable;

/** What is sent to the store for a row. Immutable. */
sealed interface Parcel {
  /** Drops what the slot holds, whatever that is. */
  Parcel NOTHING = new Withheld(Version.NONE);

  /** The row's version, or {@link Version#NONE}. */
  long version();

  /**
   * A row that may be an entry.
   *
   * @param row the row
   * @param goodUntil when its own time to live ends; null where it has none
   */
  record Entry(EncodedRow row, @Nullable Deadline goodUntil) implements Parcel {
    @Override
    public long version() {
      return row.version();
    }
  }

  /** A row that must not be an entry: its version alone, so that nothing older is served. */
  record Withheld(long version) implements Parcel {}
}
