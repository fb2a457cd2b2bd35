package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.LoadProfile;
import io.tidemark.RefusedException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps claims alive while their loads and writes run: three times in a claim's life, up to a
 * bound. Thread-safe. A claim that is not renewed in time, because this process or the store was
 * paused, costs a reload.
 *
 * <p>Each claim has a timer that goes on whatever becomes of a renewal: a thread that never comes,
 * or anything that is thrown, costs that renewal only, and the bound is kept.
 */
final class ClaimRenewer {
  private static final Logger LOG = LoggerFactory.getLogger(ClaimRenewer.class);
  private static final int RENEWALS_PER_LIFE = 3;

  private final SlotStore store;
  private final Ticker ticker;
  private final Journal journal;
  private final ThrottledLog outlived;
  private final Executor executor;
  private final ScheduledExecutorService scheduler;

  /** The claims of loads that are under way. */
  private final Set<Renewal> loads = ConcurrentHashMap.newKeySet();

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
   *
   * @throws RefusedException if there is no timer; the claim is given up
   */
  Renewal start(SlotKey key, LockHandle handle, Terms terms) {
    return start(new Renewal(key, handle, terms, true));
  }

  /**
   * Starts to renew the claim of a load likewise, until this renewer is closed at the latest. That
   * it has met its bound, its {@link Watch} tells.
   */
  Renewal startForLoad(SlotKey key, LockHandle handle, Terms terms) {
    Renewal renewal = new Renewal(key, handle, terms, false);
    loads.add(renewal);
    if (closed) {
      renewal.end();
      renewal.abandon();
      return renewal;
    }
    return start(renewal);
  }

  private Renewal start(Renewal renewal) {
    try {
      renewal.scheduleNext();
      return renewal;
    } catch (Throwable t) {
      renewal.close();
      renewal.abandon();
      throw new RefusedException(
          renewal.key, "the scheduler refused to renew its claim: " + Failures.refusalOf(t), t);
    }
  }

  /**
   * Gives up the claims of loads, and waits until the store has answered, up to a deadline. The
   * claims of writes are renewed as ever.
   *
   * @return the keys whose claims may stay until they expire
   */
  List<SlotKey> close(Deadline deadline) {
    closed = true;
    List<SlotKey> left = new ArrayList<>();
    List<Abandoning> under = new ArrayList<>();
    for (Renewal renewal : loads) {
      renewal.end();
      under.add(new Abandoning(renewal.key, abandonElsewhere(renewal)));
    }
    for (Abandoning one : under) {
      if (!isDone(one.done(), deadline)) {
        left.add(one.key());
      }
    }
    return left;
  }

  /** The keys of loads that hold, or held, a claim and have not come back. */
  List<SlotKey> loadsAtWork() {
    return loads.stream().map(renewal -> renewal.key).toList();
  }

  private record Abandoning(SlotKey key, CompletableFuture<Boolean> done) {}

  /** Not on this thread: a store that is silent would keep it waiting for one claim at a time. */
  @SuppressWarnings("CatchingUnchecked") // Where no thread is free the claim expires.
  private CompletableFuture<Boolean> abandonElsewhere(Renewal renewal) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    try {
      executor.execute(() -> done.complete(renewal.abandon()));
    } catch (Throwable t) {
      LOG.debug("{}: no thread to give its claim up; it will expire", renewal.key, t);
      done.complete(false);
    }
    return done;
  }

  @SuppressWarnings("CatchingUnchecked") // Whatever the clock throws, the rest is ended as well.
  private static boolean isDone(CompletableFuture<Boolean> done, Deadline deadline) {
    try {
      return deadline.await(done);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable t) {
      LOG.debug("A claim was not given up in time", t);
    }
    return false;
  }

  /** One claim that is being renewed. */
  final class Renewal implements AutoCloseable {
    private final SlotKey key;
    private final LockHandle handle;
    private final long fence;
    private final LoadProfile terms;
    private final boolean isOfWrite;
    private final long startedNanos = ticker.nanos();

    /** Whether a renewal is being sent: one at a time, however long the store takes. */
    private final AtomicBoolean sending = new AtomicBoolean();

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
      next = Timers.schedule(scheduler, this::takeTurn, nextNanos());
    }

    /** Leaves the scheduler's thread, which must not wait for a store that is away. */
    @SuppressWarnings("CatchingUnchecked") // Whatever it is, the next turn comes, and the bound.
    private void takeTurn() {
      if (ended) {
        return;
      }
      if (isOver()) {
        giveUp();
        return;
      }
      try {
        executor.execute(this::renew);
      } catch (Throwable t) {
        LOG.debug("{}: no thread to renew the claim of fence {}; the next try may", key, fence, t);
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
        if (!ended && !claimGone && !store.renew(key, fence, terms.claimLife())) {
          LOG.debug("{}: the claim of fence {} is gone", key, fence);
          claimGone = true;
        }
      } catch (Throwable t) {
        LOG.debug("{}: the claim of fence {} was not renewed; the next try may", key, fence, t);
      } finally {
        sending.set(false);
      }
    }

    /** Three times in a claim's life, and at the end of its bound. */
    private long nextNanos() {
      if (claimGone) {
        return Math.max(0, leftNanos());
      }
      return Math.min(terms.claimLife().toNanos() / RENEWALS_PER_LIFE, Math.max(0, leftNanos()));
    }

    /** A clock that fails costs one look: the next sees to the bound. */
    @SuppressWarnings("CatchingUnchecked")
    private long leftNanos() {
      try {
        return terms.maxLoadTime().toNanos() - (ticker.nanos() - startedNanos);
      } catch (Throwable t) {
        LOG.debug("{}: the clock failed; looking later for the bound of its claim", key, t);
        return terms.claimLife().toNanos();
      }
    }

    /** The lock first: it blocks for nobody, and the next holder's fence goes before this claim. */
    @SuppressWarnings("CatchingUnchecked") // Without a thread the claim expires.
    private void giveUp() {
      end();
      handle.close();
      try {
        executor.execute(
            () -> {
              boolean unused = abandon();
              tellOfGivingUp();
            });
      } catch (Throwable t) {
        LOG.debug("{}: no thread to give its claim up; it will expire", key, t);
        tellOfGivingUp();
      }
    }

    /** Returns whether the store has answered. */
    @SuppressWarnings("CatchingUnchecked") // It expires where the store does not answer.
    private boolean abandon() {
      try {
        store.abandon(key, fence);
        return true;
      } catch (Throwable t) {
        LOG.debug("{}: the claim of fence {} was not given up, it will expire", key, fence, t);
        return false;
      }
    }

    private void tellOfGivingUp() {
      if (!isOfWrite) {
        return;
      }
      // Told last: who hears of it finds claim and lock gone.
      journal.add(Kind.CLAIM_OUTLIVED, key, terms.maxLoadTime());
      outlived.warn(
          "{}: still at work after {}, so its claim and lock are given up; {}",
          key,
          terms.maxLoadTime(),
          Terms.adviceBeyond(terms.maxLoadTime()));
    }

    private void end() {
      ended = true;
      Timers.cancel(next);
    }

    /** Renews no more. One renewal that is under way may still arrive; it finds its claim gone. */
    @Override
    public void close() {
      end();
      loads.remove(this);
    }
  }
}
