package io.tidemark.engine;

import io.tidemark.engine.SourceReader.Loaded;
import io.tidemark.spi.FillAnswer;
import java.util.Optional;

/** What came of an attempt to load a row. */
sealed interface LoadOutcome<V> {

  /**
   * The slot holds an entry already.
   *
   * @param epoch the epoch that began with the request that found it
   */
  record Present<V>(Copies<V> row, long epoch) implements LoadOutcome<V> {}

  /**
   * The store took the row.
   *
   * @param epoch the epoch that began with the offer
   */
  record Stored<V>(Loaded<V> loaded, long epoch) implements LoadOutcome<V> {}

  /**
   * The row is what the source says, and is not to be cached: another attempt would change nothing.
   *
   * @param answer what the store said to the row, if it was offered
   */
  record Unstored<V>(Loaded<V> loaded, Optional<FillAnswer> answer) implements LoadOutcome<V> {}

  /**
   * The store did not take the row, because the slot has changed since it was claimed or looked at.
   *
   * @param answer what the store said to the row; empty if its answer was lost
   */
  record Refused<V>(Loaded<V> loaded, Optional<FillAnswer> answer) implements LoadOutcome<V> {}

  /** Nothing was loaded: a later fence has the claim, or the store's answer to it was lost. */
  record LookAgain<V>() implements LoadOutcome<V> {}
}
