package io.tidemark.spi;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Tells a cache which transaction its caller is in, so that it publishes nothing that may yet be
 * rolled back. Thread-safe.
 */
@FunctionalInterface
public interface Transactions {

  /**
   * The transaction that the calling thread is in, if work done now is committed only when that
   * transaction is. Is called for each write, and does not block.
   *
   * @return empty if there is none, if it is suspended, or if it has been committed or rolled back
   *     already; for one transaction always the same object, or an equal one
   */
  Optional<Transaction> current();

  /** Never any transaction: each write is committed when it returns. */
  static Transactions none() {
    return Optional::empty;
  }

  /** One transaction, or what is equal to it. Thread-safe. */
  interface Transaction {

    /**
     * Has an action run once what the transaction has done since its last savepoint, or since it
     * began, is committed or rolled back. Runs it once and before the call that commits or rolls
     * back returns, in the order of registration, on any thread. It may block, and does not throw.
     *
     * <p>If a savepoint is rolled back, the actions that were registered since it was set are told
     * {@link Ending#ROLLED_BACK}, at once or when the transaction ends.
     *
     * @throws IllegalStateException if the transaction takes no more actions
     */
    void whenEnded(Consumer<Ending> action);

    /** Whether the transaction was begun for reading only. */
    default boolean isReadOnly() {
      return false;
    }
  }

  /** How a transaction has ended. */
  enum Ending {
    /** It is committed. */
    COMMITTED,
    /** It is rolled back: nothing of it will ever be seen. */
    ROLLED_BACK,
    /** It may be either, as when the answer to its commit was lost. */
    UNKNOWN
  }
}
