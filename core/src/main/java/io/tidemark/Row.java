package io.tidemark;

import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One row as the source has it: a value with its version, or an absence. Value and version come
 * from the same read of the row. Immutable, except for its value; thread-safe.
 *
 * @param <V> the type of the value
 */
public sealed interface Row<V> {

  /** The row's version; empty for an absence without one. */
  OptionalLong version();

  /**
   * A row that exists.
   *
   * @param value the value to cache, not null
   * @param version the number that the source gave this state of the row, 0 or more; for one key,
   *     larger is newer. The cache checks it when it gets the row
   */
  static <V> Row<V> present(V value, long version) {
    return new Present<>(value, version, Optional.empty());
  }

  /**
   * A row that exists and is good for a limited time only, such as a token that expires.
   *
   * @param version as above
   * @param ttl how long the row is served, from now on, instead of {@link CacheBuilder#ttl}; the
   *     jitter shortens it as well. If it is below 1 ms, or negative, the row is served to the
   *     callers that wait for it and not cached. When it is over, the row is not kept: {@link
   *     CacheBuilder#grace} is for rows without a time of their own. {@link
   *     RefreshAhead#afterFraction} goes by this time, and refreshes a row once a second at most
   */
  static <V> Row<V> present(V value, long version, Duration ttl) {
    return new Present<>(value, version, Optional.of(Objects.requireNonNull(ttl, "ttl")));
  }

  /** A row that does not exist, from a source that keeps no versions of deletions. */
  static <V> Row<V> absent() {
    return new Absent<>(Version.NONE);
  }

  /**
   * A row that was deleted.
   *
   * @param version the version of the deletion, 0 or more and greater than any earlier version of
   *     the row
   */
  static <V> Row<V> deleted(long version) {
    if (version < 0) {
      throw new IllegalArgumentException("version is " + version + "; it must be 0 or more");
    }
    return new Absent<>(version);
  }

  /**
   * The row of {@link Row#present}.
   *
   * @param ttl the row's own time to live, if it has one
   * @param <V> the type of the value
   */
  record Present<V>(V value, long rowVersion, Optional<Duration> ttl) implements Row<V> {
    /** Refuses null. */
    public Present {
      Objects.requireNonNull(value, "value");
      Objects.requireNonNull(ttl, "ttl");
    }

    @Override
    public OptionalLong version() {
      return OptionalLong.of(rowVersion);
    }

    /** Omits the value: values stay out of logs. */
    @Override
    public String toString() {
      return "VALUE version " + rowVersion + ttl.map(time -> " for " + time).orElse("");
    }
  }

  /**
   * The row of {@link Row#absent} and {@link Row#deleted}.
   *
   * @param rowVersion the version of the deletion, or {@link Version#NONE}
   * @param <V> the type of the value that is not there
   */
  record Absent<V>(long rowVersion) implements Row<V> {
    @Override
    public OptionalLong version() {
      return rowVersion == Version.NONE ? OptionalLong.empty() : OptionalLong.of(rowVersion);
    }
  }
}
