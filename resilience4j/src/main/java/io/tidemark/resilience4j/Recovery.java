package io.tidemark.resilience4j;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a circuit breaker when the store behind it answers again. While the breaker is open, one
 * probe at a time reads the slot that a call last failed at. Thread-safe.
 *
 * <p>A probe is up to {@link #READS_PER_PROBE} reads, as long as they fail at once. A client's pool
 * hands out the idle connections that the outage broke before it opens a new one, and while the
 * breaker is open only the probe uses them up.
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  /** Few enough not to flood a server that refuses connections. */
  static final int READS_PER_PROBE = 8;

  private final SlotStore store;
  private final CircuitBreaker breaker;
  private final Duration interval;
  private final ScheduledExecutorService scheduler;
  private final Ticker ticker;

  private volatile @Nullable SlotKey lastFailed;

  /** Incremented with every change of the breaker's state. */
  private volatile int phase;

  private long openedNanos;
  private @Nullable Future<?> nextProbe;

  /**
   * Takes the parts; {@link #start} begins.
   *
   * @param interval from the end of a probe to the next one
   * @param scheduler runs the probes
   */
  Recovery(
      SlotStore store,
      CircuitBreaker breaker,
      Duration interval,
      ScheduledExecutorService scheduler,
      Ticker ticker) {
    this.store = store;
    this.breaker = breaker;
    this.interval = interval;
    this.scheduler = scheduler;
    this.ticker = ticker;
  }

  /** Starts to listen to the breaker. */
  void start() {
    breaker.getEventPublisher().onStateTransition(event -> onChange(event.getStateTransition()));
  }

  /** Disables the breaker, which also ends the probes. */
  void stop() {
    if (breaker.getState() != State.DISABLED) {
      breaker.transitionToDisabledState();
    }
  }

  /** A number that changes with every change of the breaker's state. */
  int phase() {
    return phase;
  }

  /** Sets the slot that the next probe reads. Call it before the breaker learns of the failure. */
  void failedAt(SlotKey key) {
    lastFailed = key;
  }

  private synchronized void onChange(StateTransition change) {
    int begun = phase + 1;
    phase = begun;
    if (nextProbe != null) {
      nextProbe.cancel(false);
    }
    if (change.getToState() == State.OPEN) {
      openedNanos = ticker.nanos();
      LOG.info(
          "{}: the store does not answer, {} of the last {} calls failed; only a probe asks it now,"
              + " every {}",
          breaker.getName(),
          breaker.getMetrics().getNumberOfFailedCalls(),
          breaker.getMetrics().getNumberOfBufferedCalls(),
          interval);
      scheduleProbe(begun);
    } else if (change.getFromState() == State.OPEN) {
      LOG.info(
          "{}: {}, after {} in which calls did not reach the store",
          breaker.getName(),
          change.getToState() == State.CLOSED ? "the store answers again" : change.getToState(),
          Duration.ofMillis(TimeUnit.NANOSECONDS.toMillis(ticker.nanos() - openedNanos)));
    }
  }

  private synchronized void scheduleProbe(int begun) {
    try {
      nextProbe = scheduler.schedule(() -> probe(begun), interval.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      LOG.warn(
          "{}: no probe can run, so the store is used without a breaker", breaker.getName(), e);
      breaker.transitionToDisabledState();
    }
  }

  private void probe(int begun) {
    if (phase != begun) {
      return;
    }
    boolean answered = false;
    try {
      answered = answers();
    } finally {
      conclude(begun, answered);
    }
  }

  private synchronized void conclude(int begun, boolean answered) {
    if (phase != begun) {
      return;
    }
    if (answered) {
      breaker.transitionToClosedState();
    } else {
      scheduleProbe(begun);
    }
  }

  private boolean answers() {
    SlotKey key = lastFailed;
    if (key == null) {
      // The breaker was opened by hand before any call failed: the next calls are the probe.
      return true;
    }
    long startNanos = ticker.nanos();
    for (int reads = 0; reads < READS_PER_PROBE; reads++) {
      try {
        store.read(key);
        return true;
      } catch (RuntimeException e) {
        LOG.debug("{}: the store does not answer yet", breaker.getName(), e);
      }
      if (ticker.nanos() - startNanos >= interval.toNanos()) {
        return false;
      }
    }
    return false;
  }
}
