package io.tidemark.spi;

import java.time.Duration;

/** A row of the source as a store takes it. Immutable; safe to share between threads. */
public sealed interface EncodedRow {

  /** The row's version, or {@link Version#NONE} for an absence without one. */
  long version();

  /** How long the source took to give the row; zero where that is not known. */
  Duration loadTime();

  /**
   * The row exists.
   *
   * @param version 0 to 2^63-1
   * @param payload the encoded value
   * @param loadTime how long the source took to give it; zero where that is not known
   */
  record Present(long version, Payload payload, Duration loadTime) implements EncodedRow {
    /** Refuses a version below 0, and a negative time. */
    public Present {
      if (version < 0) {
        throw new IllegalArgumentException("version is " + version + "; it must be 0 or more");
      }
      checkLoadTime(loadTime);
    }

    /** A row of which nobody knows how long it took. */
    public Present(long version, Payload payload) {
      this(version, payload, Duration.ZERO);
    }
  }

  /**
   * The row does not exist.
   *
   * @param version the version of its deletion, or {@link Version#NONE} where the source gives none
   * @param loadTime how long the source took to give it; zero where that is not known
   */
  record Absent(long version, Duration loadTime) implements EncodedRow {
    /** Refuses a version below {@link Version#NONE}, and a negative time. */
    public Absent {
      Version.checkOrNone(version);
      checkLoadTime(loadTime);
    }

    /** An absence of which nobody knows how long it took. */
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
