package io.tidemark.spi;

/** The version numbers of rows: 0 to 2^63-1, larger is newer for the same key. */
public final class Version {
  /** Stands for no version, and is lower than every version. */
  public static final long NONE = -1;

  private Version() {}

  /**
   * Passes on a version, or {@link #NONE}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static long checkOrNone(long version) {
    if (version < NONE) {
      throw new IllegalArgumentException("version is " + version + "; it must be 0 or more");
    }
    return version;
  }
}
