package io.tidemark.proof.simulation;

import java.util.List;
import java.util.SplittableRandom;

/**
 * The chance of one run, all of it from its seed. Whole numbers only: floating point functions may
 * differ between machines. Not thread-safe.
 */
record Dice(SplittableRandom random, boolean isLoaded) {
  Dice(long seed) {
    this(new SplittableRandom(seed), false);
  }

  /** The same dice, loaded: nothing happens by chance that has one. */
  Dice loaded() {
    return new Dice(random, true);
  }

  /** Dice of their own, so that one part of the world can draw without changing another's luck. */
  Dice split() {
    return new Dice(random.split(), isLoaded);
  }

  boolean permille(int chance) {
    return chance > 0 && !isLoaded && random.nextInt(1000) < chance;
  }

  boolean coin() {
    return random.nextBoolean();
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  /** With a chance, one or more; otherwise none. */
  int some(int permille, int most) {
    return permille(permille) ? (int) between(1, most) : 0;
  }

  /** Evenly from the first to the last, both included. */
  long between(long first, long last) {
    return first + random.nextLong(last - first + 1);
  }

  /** Each order of magnitude is as likely as another: most are short, and a few are very long. */
  long spread(long first, long last) {
    int doublings = Math.max(0, 63 - Long.numberOfLeadingZeros(Math.max(1, last / first)));
    long from = first << random.nextInt(doublings + 1);
    return Math.min(last, between(from, 2 * from));
  }

  <T> T oneOf(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  long number() {
    return random.nextLong();
  }
}
