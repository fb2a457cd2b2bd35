package io.tidemark.spi;

/** Which rows a floor lets in: it depends on where the row was read. */
public enum FloorRule {
  /**
   * For a row read where writers commit: a version equal to the floor is the floor's own row, and
   * an absence is the truth.
   */
  AT_OR_ABOVE,
  /**
   * For a row read from a lagging replica. A version equal to the floor is refused, because
   * versions can tie. An absence is refused where there is a floor, because the replica may not
   * have the row yet.
   */
  ABOVE
}
