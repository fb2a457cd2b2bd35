package io.tidemark.memory;

import io.tidemark.spi.Version;

/**
 * A floor and its end by the store's ticker. Immutable.
 *
 * @param version the highest version known to exist, or {@link Version#NONE} for no floor
 * @param endNanos its end, which no claim moves; meaningless if there is no floor
 */
record Floor(long version, long endNanos) {
  static final Floor NONE = new Floor(Version.NONE, 0);

  boolean isNone() {
    return version == Version.NONE;
  }
}
