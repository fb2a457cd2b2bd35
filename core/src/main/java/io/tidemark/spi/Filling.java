package io.tidemark.spi;

import java.time.Duration;
import java.time.Instant;

/**
 * Where an entry came from, and how long it stays fresh: which store wrote it, when, and how long
 * its load took. Immutable; safe to share between threads.
 *
 * @param writer the name of the store that wrote it; see {@link WriterName}
 * @param writtenAt when it was filled, published or last refreshed, by the store's clock
 * @param loadTime how long the source took to return the row; zero if unknown, as for a published
 *     row
 * @param life how long the entry is fresh in total, from when it was written; a store that keeps
 *     that time in whole seconds may report up to a second less, never more
 * @param freshFor how much longer the entry is fresh, as of this read and as far as the store can
 *     tell; never more than its time to live, and zero once it has expired
 * @param expiredFor how long ago it expired, likewise; zero while it is fresh
 */
public record Filling(
    String writer,
    Instant writtenAt,
    Duration loadTime,
    Duration life,
    Duration freshFor,
    Duration expiredFor) {
  /** For an entry that was not read from a store: its writer and its times are unknown. */
  public static final Filling UNKNOWN =
      new Filling("", Instant.EPOCH, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
}
