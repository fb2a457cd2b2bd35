package io.tidemark.engine;

import io.tidemark.spi.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Writes one kind of warning at most once a second, and then says how many it left out: what goes
 * wrong for one caller often goes wrong for thousands. Thread-safe.
 */
final class ThrottledLog {
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Not the logger itself: tools that walk the objects of a cache would walk all of logging. */
  private final String name;

  private final Ticker ticker;

  /** Null before the first. */
  private final AtomicReference<@Nullable Warning> last = new AtomicReference<>();

  private final AtomicInteger suppressed = new AtomicInteger();

  private record Warning(long atNanos) {}

  /** Logs to the logger of the owner's name. */
  ThrottledLog(Class<?> owner, Ticker ticker) {
    this.name = owner.getName();
    this.ticker = ticker;
  }

  /**
   * Warns, unless it has just done so. Arguments are those of {@link org.slf4j.Logger#warn}. What
   * the clock or the logger throws is not thrown: most warnings come where something has failed
   * already.
   */
  @SuppressWarnings("CatchingUnchecked")
  void warn(String format, Object... arguments) {
    if (!isDue()) {
      suppressed.incrementAndGet();
      return;
    }
    int kept = suppressed.getAndSet(0);
    try {
      LoggerFactory.getLogger(name)
          .warn(kept == 0 ? format : format + " (and " + kept + " more like it)", arguments);
    } catch (Throwable t) {
      // An appender whose disk is full, say: there is nobody left to tell it to.
    }
  }

  @SuppressWarnings("CatchingUnchecked") // Without a clock nothing is known to be too soon.
  private boolean isDue() {
    try {
      long now = ticker.nanos();
      Warning before = last.get();
      boolean tooSoon = before != null && now - before.atNanos() < PAUSE_NANOS;
      return !tooSoon && last.compareAndSet(before, new Warning(now));
    } catch (Throwable t) {
      return true;
    }
  }
}
