package io.tidemark.proof.histories;

import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.spi.FillAnswer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a read was served.
 *
 * @param origin where it came from
 * @param isStored whether the store said that it took the row that was loaded for this answer
 * @param isLocked whether the key's lock was acquired for it; loads of many keys acquire none
 * @param version the version that came with it, or {@link #NO_VERSION}
 * @param payload the value; null for an absence
 */
record Served(
    Origin origin, boolean isStored, boolean isLocked, long version, @Nullable String payload) {
  /** Stands for no version, which only an absence may have. */
  static final long NO_VERSION = -1;

  /** What the result of a read says. */
  static Served of(ReadResult<String> result) {
    return new Served(
        result.origin(),
        result.origin() == Origin.SOURCE_LOCK_HOLDER
            && result.fill().equals(Optional.of(FillAnswer.STORED)),
        result.lockAcquired(),
        result.version().orElse(NO_VERSION),
        result.value().orElse(null));
  }

  /** Whether it was loaded by the cache without the key's lock. */
  boolean isLoadedByBallot() {
    return origin == Origin.SOURCE_LOCK_HOLDER && !isLocked;
  }

  /** Where it came from, in words. */
  String from() {
    return origin + (isStored ? " stored" : "") + (isLoadedByBallot() ? " by ballot" : "");
  }

  /** Whether the shared store held this entry at some moment of the read. */
  boolean isShared() {
    return switch (origin) {
      case CACHE, CACHE_AFTER_WAIT, CACHE_STALE -> true;
      case SOURCE_LOCK_HOLDER -> isStored;
      case SOURCE_FALLBACK, SOURCE_BYPASS -> false;
    };
  }

  /** Whether it is an expired value, which a caller had asked for and which is exempt. */
  boolean isStale() {
    return origin == Origin.CACHE_STALE;
  }

  @Override
  public String toString() {
    return "%s %s, version %s"
        .formatted(
            from(),
            payload == null ? "absent" : payload,
            version == NO_VERSION ? "none" : Long.toString(version));
  }
}
