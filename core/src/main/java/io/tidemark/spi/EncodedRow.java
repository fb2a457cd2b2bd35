package io.tidemark.spi;

/** A row of the source as a store takes it. Immutable; safe to share between threads. */
public sealed interface EncodedRow {

  /** The row's version, or {@link Version#NONE} for an absence without one. */
  long version();

  /**
   * The row exists.
   *
   * @param version 0 to 2^63-1
   * @param payload the encoded value
   */
  record Present(long version, Payload payload) implements EncodedRow {
    /** Refuses a version below 0. */
    public Present {
      if (version < 0) {
        throw new IllegalArgumentException("version is " + version + "; it must be 0 or more");
      }
    }
  }

  /**
   * The row does not exist.
   *
   * @param version the version of its deletion, or {@link Version#NONE} where the source gives none
   */
  record Absent(long version) implements EncodedRow {
    /** Refuses a version below {@link Version#NONE}. */
    public Absent {
      if (version < Version.NONE) {
        throw new IllegalArgumentException("version is " + version + "; it must be 0 or more");
      }
    }
  }
}
