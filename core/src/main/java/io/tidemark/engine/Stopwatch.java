package io.tidemark.engine;

import io.tidemark.spi.Ticker;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures how long something takes, for what is told of it. Immutable and thread-safe. */
final class Stopwatch {
  private static final Logger LOG = LoggerFactory.getLogger(Stopwatch.class);

  private final Ticker ticker;
  private final long startedNanos;

  private Stopwatch(Ticker ticker, long startedNanos) {
    this.ticker = ticker;
    this.startedNanos = startedNanos;
  }

  static Stopwatch start(Ticker ticker) {
    return new Stopwatch(ticker, ticker.nanos());
  }

  /**
   * The time since the start. Zero where the clock steps back, or fails: what is done must not
   * depend on what is told of it.
   */
  @SuppressWarnings("CatchingUnchecked")
  Duration elapsed() {
    try {
      return Duration.ofNanos(Math.max(0, ticker.nanos() - startedNanos));
    } catch (Throwable t) {
      LOG.debug("The clock failed", t);
      return Duration.ZERO;
    }
  }
}
