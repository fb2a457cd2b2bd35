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
 * Builds a {@link BreakerStore}. Every option may be set once. A value out of range throws {@link
 * IllegalArgumentException} with the option, the value and the rule; setting an option twice throws
 * {@link IllegalStateException}. Not thread-safe.
 */
public final class BreakerStoreBuilder {
  private static final int LARGEST_WINDOW = 10_000;
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(10);
  private static final Duration LONGEST_INTERVAL = Duration.ofMinutes(1);

  /** Longer than any program runs, and well below the overflow of Resilience4j's arithmetic. */
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
   * How many of the last calls the {@link #failureRate} refers to, 1 to 10000. Default: 10. With
   * rare calls, ten are reached soon; with frequent calls, one broken connection does not fail most
   * of ten.
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
   * The fraction of the last calls that must fail to open the breaker, 0.01 to 1. Before the window
   * is full, it is a fraction of the calls so far, of which there must be at least this fraction of
   * the window. Default: 0.8. A store that is away fails every call; a store that refuses only
   * writes, or that is only partly away, fails fewer.
   */
  public BreakerStoreBuilder failureRate(double part) {
    once("failureRate");
    if (!(part >= 0.01 && part <= 1)) {
      throw new IllegalArgumentException("failureRate is " + part + "; it must be 0.01 to 1");
    }
    this.failureRate = part;
    return this;
  }

  /** The pause between two probes while the breaker is open, 10 ms to 1 minute. Default: 250 ms. */
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
   * Runs the probe, which blocks for as long as the store does. Shutting it down remains up to the
   * caller. Default: a daemon thread that {@link BreakerStore#close} ends.
   */
  public BreakerStoreBuilder scheduler(ScheduledExecutorService scheduler) {
    once("scheduler");
    this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
    return this;
  }

  /**
   * The monotonic clock for logs and measurements. Default: {@link Ticker#system()}. With another
   * ticker, the {@link #scheduler} must use the same time.
   */
  public BreakerStoreBuilder ticker(Ticker ticker) {
    once("ticker");
    this.ticker = Objects.requireNonNull(ticker, "ticker");
    return this;
  }

  /** Builds the store with a closed breaker. Sends no request to the wrapped store. */
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

  /** Only the failure rate opens the breaker, and only {@link Recovery} closes it. */
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
