package io.tidemark.engine;

import io.tidemark.spi.Ticker;
import java.util.concurrent.TimeUnit;

/** Keeps something to a rate, without making up for time in which it was slower. For one thread. */
final class Pace {
  private final Ticker ticker;
  private final long intervalNanos;
  private long nextNanos;

  Pace(double perSecond, Ticker ticker) {
    this.ticker = ticker;
    this.intervalNanos = (long) (TimeUnit.SECONDS.toNanos(1) / perSecond);
    this.nextNanos = ticker.nanos();
  }

  /** Waits until the next one may begin. */
  void await() throws InterruptedException {
    ticker.sleep(nextNanos - ticker.nanos());
    nextNanos = Math.max(nextNanos, ticker.nanos() - intervalNanos) + intervalNanos;
  }
}
