package io.tidemark.spring.transaction;

import io.tidemark.spi.Transactions;
import java.util.Optional;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The transactions of Spring that are bound to their threads: of {@code @Transactional} and {@code
 * TransactionTemplate}, with JDBC, JPA or JTA. Reactive transactions are not among them.
 * Thread-safe.
 *
 * <p>What a cache does after a commit is done after the commit of the outermost transaction, before
 * callbacks of the application such as {@code @TransactionalEventListener}, and while the
 * transaction still holds its connection. In a {@code REQUIRES_NEW} transaction, that is its own
 * commit; in a {@code NESTED} one, a rollback to its savepoint counts as well. With {@code
 * NOT_SUPPORTED} and {@code NEVER} there is no transaction. Savepoints that are set on a connection
 * itself, and not by Spring, are not seen.
 */
public final class SpringTransactions implements Transactions {

  @Override
  public Optional<Transaction> current() {
    if (!TransactionSynchronizationManager.isActualTransactionActive()
        || !TransactionSynchronizationManager.isSynchronizationActive()) {
      return Optional.empty();
    }
    if (TransactionSynchronizationManager.getResource(this) instanceof SpringTransaction known) {
      return Optional.of(known);
    }
    SpringTransaction transaction =
        new SpringTransaction(
            this, TransactionSynchronizationManager.isCurrentTransactionReadOnly());
    TransactionSynchronizationManager.registerSynchronization(transaction);
    TransactionSynchronizationManager.bindResource(this, transaction);
    return Optional.of(transaction);
  }
}
