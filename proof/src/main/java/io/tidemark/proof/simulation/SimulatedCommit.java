package io.tidemark.proof.simulation;

import io.tidemark.Row;
import io.tidemark.spi.Version;
import org.jspecify.annotations.Nullable;

/**
 * One committed state of a row. Immutable.
 *
 * @param number its place in the row's history, from 0
 * @param version what the row's version column says; for an absence {@link Version#NONE} where no
 *     version of the deletion is kept
 * @param value null for an absence
 * @param atNanos when it was committed
 */
record SimulatedCommit(String key, int number, long version, @Nullable String value, long atNanos) {

  Row<String> row() {
    if (value != null) {
      return Row.present(value, version);
    }
    return version == Version.NONE ? Row.absent() : Row.deleted(version);
  }

  @Override
  public String toString() {
    return "%s#%d %s v%d".formatted(key, number, value == null ? "absent" : "present", version);
  }
}
