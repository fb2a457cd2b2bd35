package io.tidemark.redis;

import io.tidemark.spi.LockProvider;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Builds locks that have a life. Each option is checked when it is set, and may be set once. Not
 * thread-safe.
 *
 * @param <L> the type of the locks
 */
public final class RedisLocksBuilder<L extends LockProvider> {
  private static final Duration SHORTEST_LIFE = Duration.ofMillis(100);
  private static final Duration LONGEST_LIFE = Duration.ofHours(1);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final Function<RedisLocksBuilder<L>, L> maker;
  private @Nullable Duration life;
  private @Nullable Duration pollInterval;

  RedisLocksBuilder(Function<RedisLocksBuilder<L>, L> maker) {
    this.maker = maker;
  }

  /**
   * How long a lock outlives a holder that crashed or is cut off. A living holder renews it three
   * times per life. After a crash, nobody loads the locked keys for that long; but a life shorter
   * than pauses of the network or the garbage collector loses locks that are in use, which costs
   * second loads. The default is 10 s.
   *
   * @throws IllegalArgumentException unless it is 100 ms to 1 h
   * @throws IllegalStateException if it was set before
   */
  public RedisLocksBuilder<L> life(Duration life) {
    checkFirst("life", this.life);
    this.life = checkRange("life", life, SHORTEST_LIFE, LONGEST_LIFE);
    return this;
  }

  /**
   * The longest pause between two checks of a lock, when no message tells of its release. The
   * pauses begin at 10 ms, double, and are cut by up to a half at random. The default is 200 ms.
   *
   * @throws IllegalArgumentException unless it is 1 ms to 1 min
   * @throws IllegalStateException if it was set before
   */
  public RedisLocksBuilder<L> pollInterval(Duration pollInterval) {
    checkFirst("pollInterval", this.pollInterval);
    this.pollInterval = checkRange("pollInterval", pollInterval, SHORTEST_PAUSE, LONGEST_PAUSE);
    return this;
  }

  /** Builds the locks. Does not connect. */
  public L build() {
    return maker.apply(this);
  }

  Duration life() {
    return life != null ? life : Duration.ofSeconds(10);
  }

  Duration pollInterval() {
    return pollInterval != null ? pollInterval : Duration.ofMillis(200);
  }

  /** Refuses an option that is set for the second time. */
  static void checkFirst(String option, @Nullable Object value) {
    if (value != null) {
      throw new IllegalStateException(option + " is set already; an option may be set once");
    }
  }

  private static Duration checkRange(String option, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "%s is %s; it must be %s to %s".formatted(option, value, least, most));
    }
    return value;
  }
}
