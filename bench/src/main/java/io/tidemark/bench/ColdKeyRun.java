package io.tidemark.bench;

import io.tidemark.bench.contestants.Contestants;

/**
 * A run of several processes, whose callers all want the same item, which nobody has cached, at the
 * same moment; with one item after the other.
 *
 * @param contestant the cache that they read
 * @param processes how many there are
 * @param callers how many there are in each of them
 */
record ColdKeyRun(Contestants contestant, int processes, int callers) implements Run {
  @Override
  public String title() {
    return contestant.title();
  }
}
