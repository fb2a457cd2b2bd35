package io.tidemark.bench;

import io.tidemark.bench.contestants.Contestants;

/**
 * A run of several processes that read, write, lose entries and are paused, and whose answers are
 * judged.
 *
 * @param contestant the cache that answers
 */
record AnswersRun(Contestants contestant) implements Run {
  @Override
  public String title() {
    return contestant.title();
  }
}
