package io.tidemark.bench;

import io.tidemark.bench.contestants.Contestants;

/**
 * A run of several processes that read at a fixed rate, whether or not the cache keeps up.
 *
 * @param contestant the cache that they read
 * @param percent the rate, as a part of what a closed loop has read a moment before
 */
record ZipfRun(Contestants contestant, int percent) implements Run {
  @Override
  public String title() {
    return contestant.title();
  }
}
