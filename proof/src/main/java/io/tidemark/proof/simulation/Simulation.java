package io.tidemark.proof.simulation;

/** Runs seeds, one after the other. For one thread. Closing ends its threads. */
final class Simulation implements AutoCloseable {
  private final Workers workers = new Workers();

  Report run(long seed) {
    return new World(seed, workers, false).run(seed);
  }

  /** Runs with a line for each step. */
  Report trace(long seed) {
    return new World(seed, workers, true).run(seed);
  }

  @Override
  public void close() {
    workers.close();
  }
}
