package io.tidemark;

import io.tidemark.spi.FillAnswer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a read came to. Immutable as far as its value is; thread-safe. The value is the caller's
 * own: what the codec makes of its bytes, on a miss as on a hit.
 *
 * @param value the value, or empty for a row that does not exist
 * @param version the version of the value, from the same read of the row; for an absence the
 *     version of the deletion, where one is known
 * @param origin where the answer came from
 * @param latency from the call to the answer
 * @param lockAcquired whether this process took the key's lock for the answer
 * @param retries how often the slot was looked at again after the first miss
 * @param fill what the store said to the row that was loaded; empty where none was offered, or
 *     where its answer was lost
 * @param <V> the type of the value
 */
public record ReadResult<V>(
    Optional<V> value,
    OptionalLong version,
    Origin origin,
    Duration latency,
    boolean lockAcquired,
    int retries,
    Optional<FillAnswer> fill) {

  /** Without the value: values stay out of logs. */
  @Override
  public String toString() {
    return "ReadResult["
        + (value.isPresent() ? "VALUE" : "ABSENT")
        + " version "
        + (version.isPresent() ? version.getAsLong() : "none")
        + ", origin="
        + origin
        + ", latency="
        + latency
        + ", lockAcquired="
        + lockAcquired
        + ", retries="
        + retries
        + ", fill="
        + fill.map(Enum::name).orElse("none")
        + "]";
  }
}
