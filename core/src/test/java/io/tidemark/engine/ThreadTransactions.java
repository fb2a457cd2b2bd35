package io.tidemark.engine;

import io.tidemark.spi.Transactions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Transactions in memory: a thread is in the one that it began last. */
final class ThreadTransactions implements Transactions {
  @SuppressWarnings("ThreadLocalUsage") // One per test.
  private final ThreadLocal<Deque<Open>> mine = ThreadLocal.withInitial(ArrayDeque::new);

  /** A transaction that a test ends. */
  static final class Open implements Transaction {
    private final List<Consumer<Ending>> actions = new ArrayList<>();
    private final boolean readOnly;
    boolean refuses;

    Open(boolean readOnly) {
      this.readOnly = readOnly;
    }

    @Override
    public void whenEnded(Consumer<Ending> action) {
      if (refuses) {
        throw new IllegalStateException("the transaction is over");
      }
      actions.add(action);
    }

    @Override
    public boolean isReadOnly() {
      return readOnly;
    }

    int savepoint() {
      return actions.size();
    }

    void rollBackTo(int savepoint) {
      List<Consumer<Ending>> since = actions.subList(savepoint, actions.size());
      since.forEach(action -> action.accept(Ending.ROLLED_BACK));
      since.clear();
    }
  }

  Open begin() {
    return begin(new Open(false));
  }

  Open begin(Open transaction) {
    mine.get().push(transaction);
    return transaction;
  }

  /** Ends the transaction of this thread. */
  void end(Ending ending) {
    Open ended = mine.get().pop();
    ended.actions.forEach(action -> action.accept(ending));
  }

  void commit() {
    end(Ending.COMMITTED);
  }

  void rollBack() {
    end(Ending.ROLLED_BACK);
  }

  @Override
  public Optional<Transaction> current() {
    return Optional.ofNullable(mine.get().peek());
  }
}
