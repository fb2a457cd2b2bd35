package io.tidemark.engine;

import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.spi.FillAnswer;
import java.time.Duration;
import java.util.Optional;

/**
 * What a look at the slot or a flight found, before it is one caller's {@link ReadResult}.
 *
 * @param copies the row, for each caller
 * @param origin where it came from
 * @param lockAcquired whether this process took the lock for it
 * @param looks how often the flight looked at the slot again
 * @param fill what the store said to the row, if it was offered and said anything
 */
record Answer<V>(
    Copies<V> copies, Origin origin, boolean lockAcquired, int looks, Optional<FillAnswer> fill) {

  /**
   * What one caller is told.
   *
   * @param row the caller's own of the copies
   */
  ReadResult<V> toResult(Row<V> row, Duration latency, int callersLooks) {
    Optional<V> value =
        row instanceof Row.Present<V> present ? Optional.of(present.value()) : Optional.empty();
    return new ReadResult<>(
        value, row.version(), origin, latency, lockAcquired, looks + callersLooks, fill);
  }
}
