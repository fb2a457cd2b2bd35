package io.tidemark.spi;

import java.time.Duration;
import java.time.Instant;

/**
 * Who made an entry what it is, when, at what cost, and how long it is still good. Immutable; safe
 * to share between threads.
 *
 * @param writer the store that wrote it, by the name it was given; see {@link WriterName}
 * @param writtenAt when it was written, by the store's clock: when it was filled, published or
 *     refreshed last
 * @param loadTime how long the source took to give the row; zero where that is not known, as of a
 *     row that was published
 * @param life how long the entry is fresh in all, from when it was written; a store that tells that
 *     moment in whole seconds may say up to a second less, and never says more
 * @param freshFor how much longer the entry is fresh, as of this read and as well as the store can
 *     tell; never more than its whole time to live, and zero once it is expired
 * @param expiredFor how long ago it expired, likewise; zero while it is fresh
 */
public record Filling(
    String writer,
    Instant writtenAt,
    Duration loadTime,
    Duration life,
    Duration freshFor,
    Duration expiredFor) {
  /** Nobody knows by whom or when: of an entry that was not read from a store. */
  public static final Filling UNKNOWN =
      new Filling("", Instant.EPOCH, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
}
