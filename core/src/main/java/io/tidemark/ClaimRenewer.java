package io.tidemark;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import java.util.concurrent.Executor;
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
  private final Journal journal;
  private final ThrottledLog outlived;
  private final Executor executor;
  private final ScheduledExecutorService scheduler;
  private volatile boolean closed;

  /**
   * Makes one.
   *
   * @param executor sends the renewals
   * @param scheduler says when
   */
  ClaimRenewer(
      Settings<?, ?> settings,
      Journal journal,
      Executor executor,
      ScheduledExecutorService scheduler) {
    this.executor = executor;
    this.store = settings.store();
    this.ticker = settings.ticker();
    this.journal = journal;
    this.outlived = new ThrottledLog(ClaimRenewer.class, ticker);
    this.scheduler = scheduler;
  }

  /**
   * Starts to renew the claim of a write that was just made, until the renewal is closed or its
   * bound has passed. Then claim and lock are given up, so that somebody else can have the key.
   */
  Renewal start(SlotKey key, LockHandle handle, Terms terms) {
    return start(new Renewal(key, handle, terms, true));
  }

  /** Starts to renew the claim of a load likewise; that it has met its bound, its watch tells. */
  Renewal startForLoad(SlotKey key, LockHandle handle, Terms terms) {
    return start(new Renewal(key, handle, terms, false));
  }

  private Renewal start(Renewal renewal) {
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
    private final LockHandle handle;
    private final long fence;
    private final LockProfile terms;
    private final boolean isOfWrite;
    private final long startedNanos = ticker.nanos();
    private volatile boolean claimGone;
    private volatile boolean ended;
    private volatile @Nullable Future<?> next;

    private Renewal(SlotKey key, LockHandle handle, Terms terms, boolean isOfWrite) {
      this.key = key;
      this.handle = handle;
      this.fence = handle.fence();
      this.terms = terms.lock();
      this.isOfWrite = isOfWrite;
    }

    private void scheduleNext() {
      try {
        next = scheduler.schedule(this::takeTurn, nextNanos(), TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        LOG.debug("{}: the claim of fence {} will not be renewed", key, fence, e);
      }
    }

    /** Leaves the scheduler's thread, which must not wait for a store that is away. */
    private void takeTurn() {
      if (ended || closed) {
        return;
      }
      try {
        executor.execute(this::renew);
      } catch (RejectedExecutionException e) {
        LOG.debug("{}: no thread to renew the claim of fence {}; the next try may", key, fence, e);
        scheduleNext();
      }
    }

    private void renew() {
      if (ended || closed) {
        return;
      }
      if (leftNanos() <= 0) {
        giveUp();
        return;
      }
      try {
        if (!store.renew(key, fence, terms.claimLife())) {
          LOG.debug("{}: the claim of fence {} is gone", key, fence);
          claimGone = true;
        }
      } catch (TidemarkException e) {
        LOG.debug("{}: the claim of fence {} was not renewed; the next try may", key, fence, e);
      }
      scheduleNext();
    }

    /** Three times in a claim's life, and at the end of its bound. */
    private long nextNanos() {
      if (claimGone) {
        return Math.max(0, leftNanos());
      }
      return Math.min(terms.claimLife().toNanos() / RENEWALS_PER_LIFE, Math.max(0, leftNanos()));
    }

    private long leftNanos() {
      return terms.maxLoadTime().toNanos() - (ticker.nanos() - startedNanos);
    }

    private void giveUp() {
      try {
        store.abandon(key, fence);
      } catch (TidemarkException e) {
        LOG.debug("{}: the claim of fence {} was not given up, it will expire", key, fence, e);
      }
      handle.close();
      if (isOfWrite) {
        tellOfGivingUp();
      }
    }

    private void tellOfGivingUp() {
      // Told last: who hears of it finds claim and lock gone.
      journal.add(Kind.CLAIM_OUTLIVED, key, terms.maxLoadTime());
      outlived.warn(
          "{}: still at work after {}, so its claim and lock are given up; {}",
          key,
          terms.maxLoadTime(),
          LockProfile.adviceBeyond(terms.maxLoadTime()));
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
