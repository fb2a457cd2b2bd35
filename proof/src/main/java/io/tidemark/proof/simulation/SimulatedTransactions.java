package io.tidemark.proof.simulation;

import io.tidemark.spi.Transactions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The transactions of a process that outlast an update: one for each strand that has begun one. */
final class SimulatedTransactions implements Transactions {
  private final SimulatedNode node;
  private final Map<Strand, Open> open = new HashMap<>();

  SimulatedTransactions(SimulatedNode node) {
    this.node = node;
  }

  private static final class Open implements Transaction {
    private final List<Consumer<Ending>> actions = new ArrayList<>();

    @Override
    public void whenEnded(Consumer<Ending> action) {
      actions.add(action);
    }
  }

  void begin() {
    open.put(node.caller(), new Open());
  }

  void end(Ending ending) {
    Open ended = open.remove(node.caller());
    if (ended != null) {
      ended.actions.forEach(action -> action.accept(ending));
    }
  }

  @Override
  public Optional<Transaction> current() {
    return Optional.ofNullable(open.get(node.caller()));
  }
}
