package io.tidemark.proof.histories;

import io.tidemark.Origin;
import org.jspecify.annotations.Nullable;

/**
 * What a read was served.
 *
 * @param origin where it came from
 * @param isStored whether the store said that it took the row that was loaded for this answer
 * @param version the version that came with it, or {@link #NO_VERSION}
 * @param payload the value; null for an absence
 */
record Served(Origin origin, boolean isStored, long version, @Nullable String payload) {
  /** Stands for no version, which only an absence may have. */
  static final long NO_VERSION = -1;

  /** Whether the shared store held this entry at some moment of the read. */
  boolean isShared() {
    return switch (origin) {
      case CACHE, CACHE_AFTER_WAIT, CACHE_STALE -> true;
      case SOURCE_LOCK_HOLDER -> isStored;
      case SOURCE_FALLBACK -> false;
    };
  }

  /** Whether it is an expired value, which a caller had asked for and which is exempt. */
  boolean isStale() {
    return origin == Origin.CACHE_STALE;
  }

  @Override
  public String toString() {
    return "%s%s %s, version %s"
        .formatted(
            origin,
            isStored ? " stored" : "",
            payload == null ? "absent" : payload,
            version == NO_VERSION ? "none" : Long.toString(version));
  }
}
