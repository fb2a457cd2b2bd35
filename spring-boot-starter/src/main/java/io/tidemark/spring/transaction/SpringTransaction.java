package io.tidemark.spring.transaction;

import io.tidemark.spi.Transactions.Ending;
import io.tidemark.spi.Transactions.Transaction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.springframework.core.Ordered;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * One transaction of Spring's, and what is to be done after it. Bound to the thread under its
 * owner, and unbound while it is suspended. Thread-safe.
 */
final class SpringTransaction implements Transaction, TransactionSynchronization {
  private final Object owner;
  private final boolean readOnly;
  private final List<Consumer<Ending>> actions = new ArrayList<>();

  /** How many actions there were when a savepoint was set. */
  private final Map<Object, Integer> savepoints = new LinkedHashMap<>();

  private boolean commitBegun;
  private boolean ended;

  SpringTransaction(Object owner, boolean readOnly) {
    this.owner = owner;
    this.readOnly = readOnly;
  }

  @Override
  public synchronized void whenEnded(Consumer<Ending> action) {
    if (ended) {
      throw new IllegalStateException("the transaction has ended already");
    }
    actions.add(action);
  }

  @Override
  public boolean isReadOnly() {
    return readOnly;
  }

  /** Before the callbacks of the application, which may read what was written. */
  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE;
  }

  @Override
  public void suspend() {
    unbind();
  }

  @Override
  public void resume() {
    TransactionSynchronizationManager.bindResource(owner, this);
  }

  @Override
  public synchronized void savepoint(Object savepoint) {
    savepoints.put(savepoint, actions.size());
  }

  /** A savepoint that is not known here was set before the first action. */
  @Override
  public void savepointRollback(Object savepoint) {
    List<Consumer<Ending>> rolledBack;
    synchronized (this) {
      List<Consumer<Ending>> since =
          actions.subList(savepoints.getOrDefault(savepoint, 0), actions.size());
      rolledBack = List.copyOf(since);
      since.clear();
    }
    rolledBack.forEach(action -> action.accept(Ending.ROLLED_BACK));
  }

  @Override
  public synchronized void beforeCommit(boolean readOnly) {
    commitBegun = true;
  }

  /** On the transaction's own thread, which it may not end on. */
  @Override
  public void beforeCompletion() {
    unbind();
  }

  @Override
  public void afterCommit() {
    end(Ending.COMMITTED);
  }

  @Override
  public void afterCompletion(int status) {
    // Where it was begun after beforeCompletion, by a callback of the application's.
    unbind();
    end(ending(status));
  }

  /** Where a commit fails, a rollback that succeeds proves nothing. */
  private synchronized Ending ending(int status) {
    return switch (status) {
      case STATUS_COMMITTED -> Ending.COMMITTED;
      case STATUS_ROLLED_BACK -> commitBegun ? Ending.UNKNOWN : Ending.ROLLED_BACK;
      default -> Ending.UNKNOWN;
    };
  }

  private void end(Ending ending) {
    List<Consumer<Ending>> due;
    synchronized (this) {
      ended = true;
      due = List.copyOf(actions);
      actions.clear();
    }
    due.forEach(action -> action.accept(ending));
  }

  private void unbind() {
    if (TransactionSynchronizationManager.getResource(owner) == this) {
      Object unused = TransactionSynchronizationManager.unbindResource(owner);
    }
  }
}
