package io.tidemark.engine;

import io.tidemark.DeadlineExceededException;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.SlotKey;

/**
 * What is remembered of a row that could not be cached just now. Immutable.
 *
 * @param isForAll whether those who ask for it at once can share a load
 */
record Uncached(Refusal refusal, boolean isForAll) {

  /** Says of a read that waited for its turn past the lock why it had to. */
  TidemarkException explain(SlotKey key, TidemarkException failure) {
    String message =
        "%s; it is read past the lock, and not cached, because %s"
            .formatted(failure.withoutKey(), refusal.reason());
    return failure instanceof DeadlineExceededException
        ? new DeadlineExceededException(key, message, failure)
        : new UnavailableException(key, message, failure);
  }
}
