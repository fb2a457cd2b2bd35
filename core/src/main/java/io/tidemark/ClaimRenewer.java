package io.tidemark;

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
 * Keeps claims alive while their loads run: three times in a claim's life, up to a bound.
 * Thread-safe. A claim that is not renewed in time, because this process or the store was paused,
 * costs a reload.
 */
final class ClaimRenewer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClaimRenewer.class);
  private static final int RENEWALS_PER_LIFE = 3;

  private final SlotStore store;
  private final Ticker ticker;
  private final Duration pendingLife;
  private final long intervalNanos;
  private final Duration bound;
  private final ScheduledExecutorService scheduler;
  private volatile boolean closed;

  /**
   * Makes one that sends its renewals from a thread of the scheduler's, which stays its owner's to
   * shut down.
   */
  ClaimRenewer(Settings<?, ?> settings, ScheduledExecutorService scheduler) {
    this.store = settings.store();
    this.ticker = settings.ticker();
    this.pendingLife = settings.pendingLife();
    this.intervalNanos = settings.claimLife().toNanos() / RENEWALS_PER_LIFE;
    this.bound = settings.maxLoadTime();
    this.scheduler = scheduler;
  }

  /** Starts to renew a claim that was just made, until the renewal is closed. */
  Renewal start(SlotKey key, long fence) {
    Renewal renewal = new Renewal(key, fence);
    renewal.scheduleNext();
    return renewal;
  }

  /** Ends every renewal before its next sending. */
  @Override
  public void close() {
    closed = true;
  }

  /** One claim that is being renewed. */
  final class Renewal implements AutoCloseable {
    private final SlotKey key;
    private final long fence;
    private final long startedNanos = ticker.nanos();
    private volatile boolean ended;
    private volatile @Nullable Future<?> next;

    private Renewal(SlotKey key, long fence) {
      this.key = key;
      this.fence = fence;
    }

    private void scheduleNext() {
      try {
        next = scheduler.schedule(this::renew, intervalNanos, TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        LOG.debug("{}: the claim of fence {} will not be renewed", key, fence, e);
      }
    }

    private void renew() {
      if (ended || closed) {
        return;
      }
      if (ticker.nanos() - startedNanos > bound.toNanos()) {
        LOG.warn("{}: still loading after {}; raise maxLoadTime to have it cached", key, bound);
        return;
      }
      try {
        if (!store.renew(key, fence, pendingLife)) {
          LOG.debug("{}: the claim of fence {} is gone", key, fence);
          return;
        }
      } catch (TidemarkException e) {
        LOG.debug("{}: the claim of fence {} was not renewed; the next try may", key, fence, e);
      }
      scheduleNext();
    }

    /** Renews no more. One renewal that is under way may still arrive; it finds its claim gone. */
    @Override
    public void close() {
      ended = true;
      Future<?> waiting = next;
      if (waiting != null) {
        waiting.cancel(false);
      }
    }
  }
}
