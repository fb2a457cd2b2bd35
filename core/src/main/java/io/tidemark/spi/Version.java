package io.tidemark.spi;

/** The version numbers of rows: 0 to 2^63-1, larger is newer for the same key. */
public final class Version {
  /** Stands for no version, and is lower than every version. */
  public static final long NONE = -1;

  private Version() {}
}
