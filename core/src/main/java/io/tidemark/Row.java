package io.tidemark;

import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One row as the source has it: a value with its version, or an absence. Both come from the same
 * read of the row. Immutable as far as its value is; thread-safe.
 *
 * @param <V> the type of the value
 */
public sealed interface Row<V> {

  /** The row's version; empty for an absence whose source gives none. */
  OptionalLong version();

  /**
   * A row that exists.
   *
   * @param value what is cached, not null
   * @param version the number that the source gave this state of the row; larger is newer, of the
   *     same key only. It is checked, 0 or more, where it enters a cache
   */
  static <V> Row<V> present(V value, long version) {
    return new Present<>(value, version, Optional.empty());
  }

  /**
   * A row that exists, and is good for some time only, such as a token that ends.
   *
   * @param version as above
   * @param ttl how long the row is served, from now on, instead of the cache's {@link
   *     CacheBuilder#ttl}; the jitter is taken off it as well. Below 1 ms, and below zero, it is
   *     served to those who wait for it, and not cached. After it the row is not kept for bad
   *     times: {@link CacheBuilder#grace} is for rows without a time of their own. {@link
   *     RefreshAhead#afterFraction} goes by the cache's time, and refreshes such a row once a
   *     second at most
   */
  static <V> Row<V> present(V value, long version, Duration ttl) {
    return new Present<>(value, version, Optional.of(Objects.requireNonNull(ttl, "ttl")));
  }

  /** A row that does not exist, and whose source keeps no version of its deletion. */
  static <V> Row<V> absent() {
    return new Absent<>(Version.NONE);
  }

  /**
   * A row that was deleted.
   *
   * @param version the version of the deletion, greater than any that the row had before
   */
  static <V> Row<V> deleted(long version) {
    if (version < 0) {
      throw new IllegalArgumentException("version is " + version + "; it must be 0 or more");
    }
    return new Absent<>(version);
  }

  /**
   * See {@link Row#present}.
   *
   * @param ttl the row's own time to live, if it has one
   * @param <V> the type of the value
   */
  record Present<V>(V value, long rowVersion, Optional<Duration> ttl) implements Row<V> {
    /** Refuses a null value. */
    public Present {
      Objects.requireNonNull(value, "value");
      Objects.requireNonNull(ttl, "ttl");
    }

    @Override
    public OptionalLong version() {
      return OptionalLong.of(rowVersion);
    }

    /** Without the value: values stay out of logs. */
    @Override
    public String toString() {
      return "VALUE version " + rowVersion + ttl.map(time -> " for " + time).orElse("");
    }
  }

  /**
   * See {@link Row#absent} and {@link Row#deleted}.
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
