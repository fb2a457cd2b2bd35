package io.tidemark;

import io.tidemark.spi.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;

/**
 * Writes one kind of warning at most once a second, and then says how many it kept to itself: what
 * goes wrong for one caller often goes wrong for thousands. Thread-safe.
 */
final class ThrottledLog {
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Logger log;
  private final Ticker ticker;
  private final AtomicLong nextNanos;
  private final AtomicInteger suppressed = new AtomicInteger();

  ThrottledLog(Logger log, Ticker ticker) {
    this.log = log;
    this.ticker = ticker;
    this.nextNanos = new AtomicLong(ticker.nanos());
  }

  /** Warns, unless it has just done so. Arguments are those of {@link Logger#warn}. */
  void warn(String format, Object... arguments) {
    long now = ticker.nanos();
    long next = nextNanos.get();
    if (now - next < 0 || !nextNanos.compareAndSet(next, now + PAUSE_NANOS)) {
      suppressed.incrementAndGet();
      return;
    }
    int kept = suppressed.getAndSet(0);
    log.warn(kept == 0 ? format : format + " (and " + kept + " more like it)", arguments);
  }
}
