package io.tidemark.engine;

import io.tidemark.spi.Deadline;

/**
 * A call of a user, for one key or for many: when it began, and by when it waits for what.
 * Immutable.
 *
 * @param epoch the epoch that it began in
 * @param terms its terms, and those of the flights that it starts
 * @param stopwatch runs since it began
 * @param deadline by when it must have answered
 * @param waitLimit when it falls back
 * @param softLimit when an expired value will do; the deadline if none ever does
 * @param isNested whether it was made by a load or a write, of this cache or another, which waits
 *     for it
 */
record Caller(
    long epoch,
    Terms terms,
    Stopwatch stopwatch,
    Deadline deadline,
    Deadline waitLimit,
    Deadline softLimit,
    boolean isNested) {

  /** A call that begins now. */
  static Caller now(Settings<?, ?> settings, EpochCounter epochs, Terms terms, boolean isNested) {
    Stopwatch stopwatch = Stopwatch.start(settings.ticker());
    Deadline deadline = terms.newDeadline(settings.ticker());
    return new Caller(
        epochs.current(),
        terms,
        stopwatch,
        deadline,
        deadline.orAfter(terms.waitLimit()),
        terms.softTimeout() == null ? deadline : deadline.orAfter(terms.softTimeout()),
        isNested);
  }
}
