package io.tidemark.engine;

import java.util.random.RandomGenerator;

/** Chance that always falls out the same way. */
record FixedChance(double number) implements RandomGenerator {
  @Override
  public double nextDouble() {
    return number;
  }

  @Override
  public long nextLong() {
    return 0;
  }
}
