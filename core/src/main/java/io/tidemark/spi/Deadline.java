package io.tidemark.spi;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The moment by which a call must have answered. It is made once per call and passed down, so that
 * waits in a row share it. Immutable and thread-safe.
 */
public final class Deadline {
  private final Ticker ticker;
  private final long atNanos;

  private Deadline(Ticker ticker, long atNanos) {
    this.ticker = ticker;
    this.atNanos = atNanos;
  }

  /** The moment that is {@code timeout} from now by {@code ticker}; a negative timeout is zero. */
  public static Deadline after(Duration timeout, Ticker ticker) {
    Objects.requireNonNull(ticker, "ticker");
    return new Deadline(ticker, ticker.nanos() + Math.max(0, saturatedNanos(timeout)));
  }

  /** The moment that is {@code timeout} from now by the system's monotonic clock. */
  public static Deadline after(Duration timeout) {
    return after(timeout, Ticker.system());
  }

  /** The earlier of this deadline and {@code timeout} from now. */
  public Deadline orAfter(Duration timeout) {
    Deadline other = after(timeout, ticker);
    return other.atNanos - atNanos < 0 ? other : this;
  }

  /** How long is left in nanoseconds; zero or less once it has passed. */
  public long remainingNanos() {
    return atNanos - ticker.nanos();
  }

  /** How long is left in whole milliseconds, rounded up; zero once it has passed. */
  public long remainingMillis() {
    return TimeUnit.NANOSECONDS.toMillis(Math.max(0, remainingNanos()) + 999_999);
  }

  /** Whether the moment has come. */
  public boolean hasPassed() {
    return remainingNanos() <= 0;
  }

  /** Half of {@code Long.MAX_VALUE} keeps differences of deadlines from overflowing. */
  private static long saturatedNanos(Duration duration) {
    long most = Long.MAX_VALUE / 2;
    return duration.compareTo(Duration.ofNanos(most)) >= 0 ? most : duration.toNanos();
  }
}
