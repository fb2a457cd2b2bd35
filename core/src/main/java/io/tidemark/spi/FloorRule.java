package io.tidemark.spi;

/** Which rows a floor lets in, depending on where the row was read. */
public enum FloorRule {
  /**
   * For a row read where writers commit: a row with the floor's version is the floor's own row, and
   * an absence is a fact.
   */
  AT_OR_ABOVE,
  /**
   * For a row read from a lagging replica. A row with the floor's version is refused, because
   * versions can tie. An absence is refused if there is a floor, because the replica may not have
   * the row yet.
   */
  ABOVE
}
