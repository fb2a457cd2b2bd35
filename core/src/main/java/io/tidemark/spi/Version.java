package io.tidemark.spi;

/** Versions of rows: 0 to 2^63-1. Of two versions of one key, the larger is newer. */
public final class Version {
  /** No version; lower than every version. */
  public static final long NONE = -1;

  private Version() {}

  /**
   * Returns the version if it is valid, or {@link #NONE}.
   *
   * @throws IllegalArgumentException if it is lower than {@link #NONE}
   */
  public static long checkOrNone(long version) {
    if (version < NONE) {
      throw new IllegalArgumentException("version is " + version + "; it must be 0 or more");
    }
    return version;
  }
}
