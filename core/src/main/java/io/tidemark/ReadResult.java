package io.tidemark;

import io.tidemark.spi.FillAnswer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The result of a read. Immutable, except for its value; thread-safe. The value belongs to the
 * caller: the codec decodes it from its bytes, on a miss as on a hit.
 *
 * @param value the value; empty if the row does not exist
 * @param version the version, from the same read of the row as the value; for an absence, the
 *     version of the deletion if it is known
 * @param origin where the answer came from
 * @param latency from the call to the answer
 * @param lockAcquired whether this process acquired the key's lock for the answer
 * @param retries how often the read looked at the slot again after its first miss
 * @param fill what became of the loaded row in the store; empty if it was not offered, or if the
 *     answer was lost
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

  /** Omits the value: values stay out of logs. */
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
