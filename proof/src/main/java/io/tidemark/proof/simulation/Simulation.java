package io.tidemark.proof.simulation;

/** Runs seeds, one after the other. For one thread. Closing ends its threads. */
final class Simulation implements AutoCloseable {
  private final Workers workers = new Workers();

  SimulationReport run(long seed) {
    return new SimulatedWorld(seed, workers, false).run(seed);
  }

  /** Runs with a line for each step. */
  SimulationReport trace(long seed) {
    return new SimulatedWorld(seed, workers, true).run(seed);
  }

  @Override
  public void close() {
    workers.close();
  }
}
