package io.tidemark.proof.simulation;

import java.io.Closeable;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;

/**
 * Runs seeds for somebody who knows none of the classes here, because they were loaded by another
 * class loader. For one thread.
 */
public final class SeedRunner implements LongFunction<String>, LongUnaryOperator, Closeable {
  private final Simulation simulation = new Simulation();

  /** Runs a seed. Returns the rule that was broken, a colon and how; empty if none was. */
  @Override
  public String apply(long seed) {
    SimulationViolation violation = simulation.run(seed).violation();
    return violation == null ? "" : String.valueOf(violation.getMessage());
  }

  /** Runs a seed. Returns a number that is the same whenever the same happened. */
  @Override
  public long applyAsLong(long seed) {
    return simulation.run(seed).fingerprint();
  }

  @Override
  public void close() {
    simulation.close();
  }
}
