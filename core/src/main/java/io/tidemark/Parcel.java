package io.tidemark;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Version;
import org.jspecify.annotations.Nullable;

/**
 * A row as it is offered to the store, and how long it is good. Immutable.
 *
 * @param row the row
 * @param goodUntil when its own time to live ends; null where it has none
 */
record Parcel(EncodedRow row, @Nullable Deadline goodUntil) {
  /** To publish it drops what the slot holds. */
  static final Parcel NOTHING = new Parcel(new EncodedRow.Absent(Version.NONE));

  Parcel(EncodedRow row) {
    this(row, null);
  }
}
