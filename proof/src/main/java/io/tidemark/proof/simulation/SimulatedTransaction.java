package io.tidemark.proof.simulation;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an update runs: it takes its time, and may fail before or after its commit. */
final class SimulatedTransaction {
  private final SimulatedWorld world;
  private final Plan plan;
  private final SimulatedNode node;
  private final Dice dice;
  private @Nullable SimulatedCommit committed;
  private int failedRequests;

  SimulatedTransaction(SimulatedWorld world, SimulatedNode node, Dice dice) {
    this.world = world;
    this.plan = world.plan();
    this.node = node;
    this.dice = dice;
  }

  /** What a transaction throws that fails. */
  static final class Failed extends Exception {
    private static final long serialVersionUID = 1L;
  }

  void run(String key) throws Failed {
    node.mayBurst(ForeignCall.WRITE);
    node.spend(nanos());
    boolean fails = world.faultsMayHappen() && dice.permille(plan.rates.failedWritePermille);
    if (fails && dice.coin()) {
      world.count(Happening.UPDATE_ROLLED_BACK);
      throw new Failed();
    }
    if (!world.database().awaitRow(key, node, Workload.ROW_WAIT_NANOS)) {
      throw new Failed();
    }
    committed = world.database().commit(key);
    node.spend(nanos());
    node.mayBurst(ForeignCall.WRITE);
    failedRequests = node.caller().failedRequests();
    if (fails) {
      world.count(Happening.UPDATE_COMMITTED_AND_THREW);
      throw new Failed();
    }
  }

  boolean isCommitted() {
    return committed != null;
  }

  SimulatedCommit committed() {
    return Objects.requireNonNull(committed);
  }

  /**
   * A write that threw although it was committed is dropped before its caller knows, if the store
   * answered what it was asked since.
   */
  void requireDropped() {
    boolean answered = node.caller().failedRequests() == failedRequests;
    if (answered) {
      world.promises().require(committed().key(), committed().number());
    }
  }

  private long nanos() {
    boolean slow = world.faultsMayHappen() && dice.permille(plan.rates.slowWritePermille);
    if (slow) {
      world.count(Happening.TRANSACTION_SLOW);
    }
    return slow ? dice.between(2, 60) * Plan.MILLI : dice.spread(Plan.MICRO, plan.pace.loadNanos);
  }
}
