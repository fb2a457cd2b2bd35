package io.tidemark.spi;

import java.time.Duration;

/** A row of the source, encoded for a store. Immutable; safe to share between threads. */
public sealed interface EncodedRow {

  /** The row's version, or {@link Version#NONE} for an absence without one. */
  long version();

  /** How long the source took to return the row; zero if unknown. */
  Duration loadTime();

  /**
   * The row exists.
   *
   * @param version 0 to 2^63-1
   * @param payload the encoded value
   * @param loadTime how long the source took to return it; zero if unknown
   */
  record Present(long version, Payload payload, Duration loadTime) implements EncodedRow {
    /** Refuses a version below 0, and a negative time. */
    public Present {
      if (version < 0) {
        throw new IllegalArgumentException("version is " + version + "; it must be 0 or more");
      }
      checkLoadTime(loadTime);
    }

    /** A row with an unknown load time. */
    public Present(long version, Payload payload) {
      this(version, payload, Duration.ZERO);
    }
  }

  /**
   * The row does not exist.
   *
   * @param version the version of its deletion, or {@link Version#NONE} where the source gives none
   * @param loadTime how long the source took to return it; zero if unknown
   */
  record Absent(long version, Duration loadTime) implements EncodedRow {
    /** Refuses a version below {@link Version#NONE}, and a negative time. */
    public Absent {
      Version.checkOrNone(version);
      checkLoadTime(loadTime);
    }

    /** An absence with an unknown load time. */
    public Absent(long version) {
      this(version, Duration.ZERO);
    }
  }

  private static void checkLoadTime(Duration loadTime) {
    if (loadTime.isNegative()) {
      throw new IllegalArgumentException("loadTime is " + loadTime + "; it must be zero or more");
    }
  }
}
