package io.tidemark.spi;

/**
 * One holding of one key's lock. Thread-safe; single-use.
 *
 * <p>A lock can be lost at any moment without notice, so holding it proves nothing. Losing it is
 * harmless because writes to the store need a claim, which carries the fence of its holding.
 */
public interface LockHandle extends AutoCloseable {
  /** No fence; lower than every lock's fence, and higher than every {@link Ballot}. */
  long NO_FENCE = 0;

  /** The number of this holding, 1 or more. Later holdings of the same key have larger numbers. */
  long fence();

  /**
   * Releases the lock. Idempotent, does not block, and may be called from any thread. Never throws:
   * if the lock service does not answer, the provider keeps trying until the lock is free, so that
   * no key stays locked by a living process.
   */
  @Override
  void close();
}
