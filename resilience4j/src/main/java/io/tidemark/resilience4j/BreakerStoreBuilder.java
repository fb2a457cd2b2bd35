package io.tidemark.resilience4j;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.tidemark.spi.DaemonThreads;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link BreakerStore}. Every option may be set once; one out of range is refused with
 * {@link IllegalArgumentException}, which tells the option, the value and the rule, a second
 * setting with {@link IllegalStateException}. Not thread-safe.
 */
public final class BreakerStoreBuilder {
  private static final int LARGEST_WINDOW = 10_000;
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(10);
  private static final Duration LONGEST_INTERVAL = Duration.ofMinutes(1);

  /** Longer than any program runs; far from where Resilience4j's own arithmetic ends. */
  private static final Duration NEVER = Duration.ofDays(36_500);

  private final SlotStore store;
  private String name = "tidemark-store";
  private int windowSize = 10;
  private double failureRate = 0.8;
  private Duration probeInterval = Duration.ofMillis(250);
  private @Nullable ScheduledExecutorService scheduler;
  private Ticker ticker = Ticker.system();

  private final Set<String> set = new HashSet<>();

  BreakerStoreBuilder(SlotStore store) {
    this.store = store;
  }

  /** Names the breaker in logs and metrics; not blank. Default: {@code tidemark-store}. */
  public BreakerStoreBuilder name(String name) {
    once("name");
    if (name.isBlank()) {
      throw new IllegalArgumentException("name is '" + name + "'; it must not be blank");
    }
    this.name = name;
    return this;
  }

  /**
   * How many of the last calls the {@link #failureRate} is about, 1 to 10000. Default: 10. So few
   * are soon made where calls are rare; and where they are frequent, one broken connection does not
   * fail most of any ten.
   */
  public BreakerStoreBuilder windowSize(int calls) {
    once("windowSize");
    if (calls < 1 || calls > LARGEST_WINDOW) {
      throw new IllegalArgumentException(
          "windowSize is %d; it must be 1 to %d".formatted(calls, LARGEST_WINDOW));
    }
    this.windowSize = calls;
    return this;
  }

  /**
   * The part of the last calls whose failure opens the breaker, 0.01 to 1. Before the window is
   * full the breaker opens at this part of the calls so far, but not before there were as many as
   * this part of the window. Default: 0.8. A store that is away fails every call; one that refuses
   * only writes, or of which only a part is away, fails fewer.
   */
  public BreakerStoreBuilder failureRate(double part) {
    once("failureRate");
    if (!(part >= 0.01 && part <= 1)) {
      throw new IllegalArgumentException("failureRate is " + part + "; it must be 0.01 to 1");
    }
    this.failureRate = part;
    return this;
  }

  /**
   * How long the probe rests between two attempts while the breaker is open, 10 ms to 1 minute.
   * Default: 250 ms.
   */
  public BreakerStoreBuilder probeInterval(Duration interval) {
    once("probeInterval");
    if (interval.compareTo(SHORTEST_INTERVAL) < 0 || interval.compareTo(LONGEST_INTERVAL) > 0) {
      throw new IllegalArgumentException(
          "probeInterval is %s; it must be %s to %s"
              .formatted(interval, SHORTEST_INTERVAL, LONGEST_INTERVAL));
    }
    this.probeInterval = interval;
    return this;
  }

  /**
   * Runs the probe, which blocks for as long as the store does. Stays the caller's to shut down.
   * Default: a daemon thread of the store's own, ended by {@link BreakerStore#close}.
   */
  public BreakerStoreBuilder scheduler(ScheduledExecutorService scheduler) {
    once("scheduler");
    this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
    return this;
  }

  /**
   * The monotonic clock for what is logged and measured. Default: {@link Ticker#system()}. Where
   * its time is not the system's, the {@link #scheduler} must go by it too.
   */
  public BreakerStoreBuilder ticker(Ticker ticker) {
    once("ticker");
    this.ticker = Objects.requireNonNull(ticker, "ticker");
    return this;
  }

  /** Builds the store, its breaker closed. Asks nothing of the wrapped store. */
  public BreakerStore build() {
    CircuitBreaker breaker = CircuitBreaker.of(name, config());
    ScheduledExecutorService ownScheduler = scheduler == null ? newScheduler(name) : null;
    Recovery recovery =
        new Recovery(
            store,
            breaker,
            probeInterval,
            scheduler == null ? Objects.requireNonNull(ownScheduler) : scheduler,
            ticker);
    recovery.start();
    return new BreakerStore(store, breaker, recovery, ownScheduler, ticker);
  }

  /** Nothing opens it but the rate of failures, and nothing closes it but {@link Recovery}. */
  private CircuitBreakerConfig config() {
    int fewestCalls =
        BigDecimal.valueOf(failureRate)
            .multiply(BigDecimal.valueOf(windowSize))
            .setScale(0, RoundingMode.CEILING)
            .intValueExact();
    return CircuitBreakerConfig.custom()
        .slidingWindow(windowSize, fewestCalls, SlidingWindowType.COUNT_BASED)
        .failureRateThreshold((float) (failureRate * 100))
        .slowCallDurationThreshold(NEVER)
        .waitDurationInOpenState(NEVER)
        .build();
  }

  private static ScheduledExecutorService newScheduler(String name) {
    return DaemonThreads.named(name + "-probe").newTimer();
  }

  private void once(String option) {
    if (!set.add(option)) {
      throw new IllegalStateException(option + " is set already; an option may be set once");
    }
  }
}
