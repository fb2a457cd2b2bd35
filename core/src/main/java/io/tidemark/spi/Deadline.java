package io.tidemark.spi;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The moment by which a call must be answered. It is made once per call and passed down, so that
 * successive waits share it. Immutable and thread-safe.
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

  /**
   * Blocks the calling thread for a time, or until this deadline if that comes first.
   *
   * @param nanos how long at most; zero or less does not block
   * @throws InterruptedException if the thread is interrupted before or meanwhile
   */
  public void sleep(long nanos) throws InterruptedException {
    ticker.sleep(Math.min(nanos, remainingNanos()));
  }

  /**
   * Blocks the calling thread until a future is done, or until this deadline.
   *
   * @return the future's result
   * @throws TimeoutException if the deadline passed first
   * @throws InterruptedException if the thread is interrupted before or meanwhile
   * @throws ExecutionException if the future failed
   */
  public <T> T await(CompletableFuture<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return ticker.await(future, remainingNanos());
  }

  /** Half of {@code Long.MAX_VALUE} keeps differences of deadlines from overflowing. */
  private static long saturatedNanos(Duration duration) {
    long most = Long.MAX_VALUE / 2;
    return duration.compareTo(Duration.ofNanos(most)) >= 0 ? most : duration.toNanos();
  }
}
