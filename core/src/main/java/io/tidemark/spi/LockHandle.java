package io.tidemark.spi;

/**
 * One holding of one key's lock. Thread-safe; single-use.
 *
 * <p>Holding it proves nothing by itself: the lock can be lost at any moment without notice. What
 * makes that harmless is the claim that its fence makes in the store.
 */
public interface LockHandle extends AutoCloseable {
  /** Stands for no fence: lower than every fence. */
  long NO_FENCE = 0;

  /** The number of this holding, 1 or more; a later holding of the same key has a larger one. */
  long fence();

  /**
   * Gives the lock back. Does not block, may be called from any thread, and again without effect.
   * Never throws: where the lock service does not answer, the provider goes on trying until the
   * lock is free, so that no key stays locked by a process that lives.
   */
  @Override
  void close();
}
