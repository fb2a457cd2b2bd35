package io.tidemark.engine;

import io.tidemark.LoadProfile;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long a claim is held: it has the claim renewed three times in the claim's life, up to a
 * bound. Thread-safe. A claim that is not renewed in time, because this process or the store was
 * paused, costs a reload.
 *
 * <p>Its timer goes on whatever becomes of a renewal: a thread that never comes, or anything that
 * is thrown, costs that renewal only, and the bound is kept.
 */
final class Tenure {
  private static final Logger LOG = LoggerFactory.getLogger(Tenure.class);
  private static final int RENEWALS_PER_LIFE = 3;

  private final SlotKey key;
  private final LoadProfile profile;
  private final Ticker ticker;
  private final Executor executor;
  private final ScheduledExecutorService scheduler;
  private final BooleanSupplier renewal;
  private final Runnable atBound;
  private final long startedNanos;

  /** Whether a renewal is being sent: one at a time, however long the store takes. */
  private final AtomicBoolean sending = new AtomicBoolean();

  private volatile boolean claimGone;
  private volatile boolean ended;
  private volatile @Nullable Future<?> next;

  /**
   * Prepares to hold a claim from now on; {@link #begin} starts the timer.
   *
   * @param executor sends the renewals
   * @param scheduler says when
   * @param renewal renews the claim, and returns whether it was there
   * @param atBound is run on the scheduler's thread once the bound has passed
   */
  Tenure(
      SlotKey key,
      LoadProfile profile,
      Ticker ticker,
      Executor executor,
      ScheduledExecutorService scheduler,
      BooleanSupplier renewal,
      Runnable atBound) {
    this.key = key;
    this.profile = profile;
    this.ticker = ticker;
    this.executor = executor;
    this.scheduler = scheduler;
    this.renewal = renewal;
    this.atBound = atBound;
    this.startedNanos = ticker.nanos();
  }

  /** Starts the timer. Throws what the scheduler throws that refuses. */
  void begin() {
    scheduleNext();
  }

  /** Renews no more. A renewal that is under way may still arrive; it finds its claim gone. */
  void end() {
    ended = true;
    Timers.cancel(next);
  }

  private void scheduleNext() {
    next = Timers.schedule(scheduler, this::takeTurn, nextNanos());
  }

  /** Leaves the scheduler's thread, which must not wait for a store that is away. */
  @SuppressWarnings("CatchingUnchecked") // Whatever it is, the next turn comes, and the bound.
  private void takeTurn() {
    if (ended) {
      return;
    }
    if (isOver()) {
      atBound.run();
      return;
    }
    try {
      executor.execute(this::renew);
    } catch (Throwable t) {
      LOG.debug("{}: no thread to renew its claim; the next try may", key, t);
    }
  }

  /** Whether this was the last turn: at the bound, or where nobody would see to the bound. */
  @SuppressWarnings("CatchingUnchecked")
  private boolean isOver() {
    try {
      if (leftNanos() <= 0) {
        return true;
      }
      scheduleNext();
      return false;
    } catch (Throwable t) {
      LOG.debug("{}: no timer for its bound any more", key, t);
      return true;
    }
  }

  @SuppressWarnings("CatchingUnchecked") // Whatever it is, the next renewal may arrive.
  private void renew() {
    // Asked here and not before it has a thread, which may never come.
    if (!sending.compareAndSet(false, true)) {
      return;
    }
    try {
      if (!ended && !claimGone && !renewal.getAsBoolean()) {
        LOG.debug("{}: its claim is gone", key);
        claimGone = true;
      }
    } catch (Throwable t) {
      LOG.debug("{}: its claim was not renewed; the next try may", key, t);
    } finally {
      sending.set(false);
    }
  }

  /** Three times in a claim's life, and at the end of its bound. */
  private long nextNanos() {
    if (claimGone) {
      return Math.max(0, leftNanos());
    }
    return Math.min(profile.claimLife().toNanos() / RENEWALS_PER_LIFE, Math.max(0, leftNanos()));
  }

  /** A clock that fails costs one look: the next sees to the bound. */
  @SuppressWarnings("CatchingUnchecked")
  private long leftNanos() {
    try {
      return profile.maxLoadTime().toNanos() - (ticker.nanos() - startedNanos);
    } catch (Throwable t) {
      LOG.debug("{}: the clock failed; looking later for the bound of its claim", key, t);
      return profile.claimLife().toNanos();
    }
  }
}
