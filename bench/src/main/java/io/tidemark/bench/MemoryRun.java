package io.tidemark.bench;

import io.tidemark.bench.contestants.Contestants;

/** A run of one process that reads many keys, one after the other, and then says what it keeps. */
record MemoryRun(Contestants contestant) implements Run {
  @Override
  public String title() {
    return contestant.title();
  }
}
