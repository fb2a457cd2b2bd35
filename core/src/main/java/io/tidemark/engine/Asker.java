package io.tidemark.engine;

/** What asks the source for a row: it is told how far that has come. Thread-safe. */
interface Asker {
  /** The source is being asked. */
  void askingSource();

  /** A replica is being asked. */
  void askingReplica();

  /** The source or the replica has answered. */
  void answered();

  /** Whether nobody waits for the row any more, so that it must not be stored. */
  boolean hasEnded();
}
