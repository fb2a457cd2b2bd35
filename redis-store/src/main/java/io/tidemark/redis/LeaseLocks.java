package io.tidemark.redis;

import io.tidemark.RefusedException;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.Acquisition;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Finding;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all locks with a life share: they limit the attempts, let callers leave at their deadlines,
 * renew the holdings, and close everything. Thread-safe.
 */
final class LeaseLocks implements LockProvider, AutoCloseable {
  static final int MAX_ATTEMPTS = 256;
  private static final int RENEWALS_PER_LIFE = 3;
  private static final String CLOSED = "the locks are closed; close what uses them first";
  private static final Logger LOG = LoggerFactory.getLogger(LeaseLocks.class);

  private final LeaseService service;
  private final Watches watches;
  private final Duration life;
  private final ScheduledExecutorService timer;
  private final Semaphore attempts = new Semaphore(MAX_ATTEMPTS);
  private final Set<LeaseHolding> holdings = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * Locks of a service.
   *
   * @param watches wait for holders
   * @param timer renews holdings; ends with these locks
   */
  LeaseLocks(LeaseService service, Watches watches, Duration life, ScheduledExecutorService timer) {
    this.service = service;
    this.watches = watches;
    this.life = life;
    this.timer = timer;
  }

  @Override
  public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
    Objects.requireNonNull(key, "key");
    if (closed) {
      throw new RefusedException(key, CLOSED, null);
    }
    if (!attempts.tryAcquire(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
      throw new UnavailableException(
          key, MAX_ATTEMPTS + " attempts are under way, and none ended in time", null);
    }
    LeaseHolding holding = new LeaseHolding(key);
    holdings.add(holding);
    // Checked after it was added: close() gives up what it finds, this the rest. An attempt that
    // was given up before it began sends nothing.
    if (closed) {
      holding.acquisition.giveUp(LockRequests.closed());
    } else if (deadline.hasPassed()) {
      holding.acquisition.giveUp(new TimeoutException("the deadline has passed"));
    }
    holding.start();
    return await(holding, key, deadline);
  }

  @Override
  public Optional<String> holder(SlotKey key, Deadline deadline) throws InterruptedException {
    Objects.requireNonNull(key, "key");
    if (closed) {
      throw new RefusedException(key, CLOSED, null);
    }
    try {
      return deadline.await(service.owner(key)).flatMap(LockOwner::who);
    } catch (ExecutionException e) {
      throw new UnavailableException(key, "the state of the holder is unknown", e.getCause());
    } catch (TimeoutException e) {
      throw new UnavailableException(key, "Redis did not answer in time", e);
    }
  }

  @Override
  public List<Finding> check(String cache) {
    return service.check();
  }

  @Override
  public Optional<Duration> crashNoticedWithin() {
    return Optional.of(life);
  }

  @Override
  public void close() {
    closed = true;
    holdings.forEach(holding -> holding.acquisition.giveUp(LockRequests.closed()));
    watches.close();
    timer.shutdownNow();
    service.shutdown();
  }

  @Override
  public String toString() {
    return "life " + life;
  }

  private static LockAttempt await(LeaseHolding holding, SlotKey key, Deadline deadline)
      throws InterruptedException {
    try {
      return holding.acquisition.await(deadline);
    } catch (ExecutionException e) {
      throw cannotBeAskedFor(key, e.getCause());
    } catch (TimeoutException e) {
      throw new UnavailableException(key, "Redis did not answer in time", e);
    }
  }

  private static UnavailableException cannotBeAskedFor(SlotKey key, @Nullable Throwable failure) {
    String message = "the lock cannot be requested: " + words(failure);
    return failure instanceof RefusedException
        ? new RefusedException(key, message, failure)
        : new UnavailableException(key, message, failure);
  }

  private static String words(@Nullable Throwable failure) {
    if (failure instanceof TidemarkException known) {
      return JedisFailures.words(known);
    }
    return failure == null ? "no answer" : String.valueOf(failure.getMessage());
  }

  /** One attempt and, if it succeeds, the holding, which a timer renews until it is closed. */
  private final class LeaseHolding implements LockHandle {
    private final SlotKey key;
    private final Lease lease;
    private final Acquisition acquisition = new Acquisition(this);

    /** Written once, before the handle is handed out. */
    private volatile long fence;

    private boolean ended;
    private @Nullable ScheduledFuture<?> renewing;
    private @Nullable CompletableFuture<Boolean> renewal;

    LeaseHolding(SlotKey key) {
      this.key = key;
      this.lease = service.newLease(key, UUID.randomUUID().toString());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // conclude hears of failures.
    void start() {
      lease
          .acquire()
          .whenComplete(
              (reply, failure) -> {
                attempts.release();
                conclude(reply, failure);
              });
    }

    private void conclude(@Nullable LockReply reply, @Nullable Throwable failure) {
      if (reply instanceof LockReply.Acquired acquired) {
        fence = acquired.fence();
        keepAlive();
        acquisition.acquired();
        return;
      }
      close();
      if (reply instanceof LockReply.Held held) {
        acquisition.held(watches.holder(key, held.owner()));
      } else {
        acquisition.failed(failure != null ? failure : new IllegalStateException("no answer"));
      }
    }

    @Override
    public long fence() {
      return fence;
    }

    @Override
    public void close() {
      synchronized (this) {
        ended = true;
        if (renewing != null) {
          renewing.cancel(false);
        }
      }
      holdings.remove(this);
      lease.release();
    }

    private synchronized void keepAlive() {
      // If it was closed before, the lease releases what it has just acquired.
      if (!ended) {
        long periodNanos = life.toNanos() / RENEWALS_PER_LIFE;
        renewing =
            timer.scheduleWithFixedDelay(
                this::renewQuietly, periodNanos, periodNanos, TimeUnit.NANOSECONDS);
      }
    }

    /** Throws nothing: that would end the renewals. */
    @SuppressWarnings("CatchingUnchecked") // Even an Error is no reason to lose the lock.
    private void renewQuietly() {
      try {
        renew();
      } catch (Throwable e) {
        LOG.debug("{}: the lock could not be renewed; trying again", key, e);
      }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // onRenewed hears of failures.
    private synchronized void renew() {
      boolean isUnderWay = renewal != null && !renewal.isDone();
      if (!ended && !isUnderWay) {
        renewal = lease.renew();
        renewal.whenComplete(this::onRenewed);
      }
    }

    private synchronized void onRenewed(@Nullable Boolean isHeld, @Nullable Throwable failure) {
      if (failure != null) {
        LOG.debug("{}: the lock could not be renewed; trying again", key, failure);
      } else if (Boolean.FALSE.equals(isHeld) && renewing != null) {
        LOG.debug("{}: the lock was lost before it was released", key);
        renewing.cancel(false);
      }
    }

    @Override
    public String toString() {
      return "lock of " + key;
    }
  }
}
