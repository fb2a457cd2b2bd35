package io.tidemark.engine;

import io.tidemark.CacheClosedException;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.DeadlineExceededException;
import io.tidemark.RefusedException;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Takes the locks of keys, and waits for those who have them. Thread-safe. */
final class Locker implements AutoCloseable {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long OUTAGE_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final String NO_CLAIM = "no claim could be made for";
  private static final String SOMEBODY_ELSE = "somebody else has loaded or written it for";

  private final Settings<?, ?> settings;
  private final LockProvider locks;
  private final Ticker ticker;
  private final Journal journal;
  private final String consequence;
  private final ThrottledLog notReleased;

  /** Those that were taken here and not given back. */
  private final Set<Holding> holdings = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;

  /**
   * Makes one.
   *
   * @param consequence what it means when a lock is not had in time, to end an error's message
   */
  Locker(Settings<?, ?> settings, Journal journal, String consequence) {
    this.consequence = consequence;
    this.settings = settings;
    this.locks = settings.locks();
    this.ticker = settings.ticker();
    this.journal = journal;
    this.notReleased = new ThrottledLog(Locker.class, ticker);
  }

  /**
   * Takes a key's lock, after those who have it.
   *
   * @param isOver is asked after each wait whether the lock is needed no more
   * @return null if it is needed no more
   * @throws UnavailableException if the lock service is away; a {@link RefusedException} at once
   * @throws DeadlineExceededException if the limit passed first
   */
  @Nullable LockHandle acquire(SlotKey key, Terms terms, Deadline waitLimit, BooleanSupplier isOver)
      throws InterruptedException {
    if (waitLimit.hasPassed()) {
      throw timedOut(key, terms, NO_CLAIM, "", null);
    }
    for (int round = 0; ; round++) {
      long startedNanos = ticker.nanos();
      LockAttempt attempt = attempt(key, waitLimit);
      if (attempt instanceof LockAttempt.Acquired acquired) {
        return taken(key, acquired, startedNanos);
      }
      LockAttempt.Holder holder = ((LockAttempt.Held) attempt).holder();
      await(key, holder, round, terms, waitLimit);
      if (isOver.getAsBoolean()) {
        return null;
      }
      if (waitLimit.hasPassed()) {
        throw heldTooLong(key, terms, holder);
      }
    }
  }

  /** Takes a key's lock, after those who have it. Throws likewise. */
  LockHandle acquire(SlotKey key, Terms terms, Deadline waitLimit) throws InterruptedException {
    return Objects.requireNonNull(acquire(key, terms, waitLimit, () -> false));
  }

  /**
   * Takes a key's lock if nobody has it and the lock service is there: it waits for neither.
   *
   * @return null if somebody has it
   * @throws UnavailableException if the lock service is away
   */
  @Nullable LockHandle tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
    long startedNanos = ticker.nanos();
    return ask(key, deadline) instanceof LockAttempt.Acquired acquired
        ? taken(key, acquired, startedNanos)
        : null;
  }

  /**
   * Waits a little before the next try to claim, which otherwise would meet the same obstacle.
   *
   * @param startNanos when the last try began
   */
  void pause(SlotKey key, Terms terms, long startNanos, Deadline waitLimit)
      throws InterruptedException {
    pause(key, terms, startNanos, waitLimit, "", null);
  }

  /**
   * Waits likewise.
   *
   * @param obstacle what the last try failed with, if it failed
   */
  void pause(
      SlotKey key,
      Terms terms,
      long startNanos,
      Deadline waitLimit,
      @Nullable TidemarkException obstacle)
      throws InterruptedException {
    pause(key, terms, startNanos, waitLimit, "", obstacle);
  }

  /** Waits a little after a claim that was lost to another. Throws likewise, and tells of it. */
  void pauseAfter(
      ClaimAnswer.Lost lost, SlotKey key, Terms terms, long startNanos, Deadline waitLimit)
      throws InterruptedException {
    Slot.Pending claim = lost.claim();
    String holder =
        "; its claim is held by %s, since %s".formatted(claim.writer(), claim.writtenAt());
    pause(key, terms, startNanos, waitLimit, holder, null);
  }

  private void pause(
      SlotKey key,
      Terms terms,
      long startNanos,
      Deadline waitLimit,
      String holder,
      @Nullable TidemarkException obstacle)
      throws InterruptedException {
    boolean isTimeLeft = hasTimeForAnother(startNanos, waitLimit);
    if (isTimeLeft) {
      waitLimit.sleep(PAUSE_NANOS);
    }
    // Told here: the next attempt would blame the lock, which is there.
    if (!isTimeLeft || waitLimit.hasPassed()) {
      throw timedOut(key, terms, NO_CLAIM, holder, obstacle);
    }
  }

  /**
   * Whether another try, if it takes as long as the last one, ends by a deadline. A store that is
   * silent makes its caller wait for its own time limit each time.
   *
   * @param startNanos when the last try began
   */
  boolean hasTimeForAnother(long startNanos, Deadline deadline) {
    return deadline.remainingNanos() > ticker.nanos() - startNanos;
  }

  /** One attempt, repeated while the lock service is away and may be back soon. */
  private LockAttempt attempt(SlotKey key, Deadline waitLimit) throws InterruptedException {
    Deadline outage = null;
    while (true) {
      try {
        return ask(key, waitLimit);
      } catch (RefusedException e) {
        throw e;
      } catch (UnavailableException e) {
        if (outage == null) {
          outage = waitLimit.orAfter(settings.waiting().lockOutageWait());
        }
        if (outage.hasPassed()) {
          throw e;
        }
        outage.sleep(OUTAGE_PAUSE_NANOS);
      }
    }
  }

  /** A provider that fails in a way of its own says no as well: the policies decide on that too. */
  private LockAttempt ask(SlotKey key, Deadline deadline) throws InterruptedException {
    try {
      return locks.tryAcquire(key, deadline);
    } catch (InterruptedException | UnavailableException | CacheClosedException e) {
      throw e;
    } catch (Exception e) {
      throw new RefusedException(key, "the lock provider failed: " + Failures.textOf(e), e);
    }
  }

  private void await(
      SlotKey key, LockAttempt.Holder holder, int round, Terms terms, Deadline waitLimit)
      throws InterruptedException {
    journal.add(Kind.LOCK_WAIT, key);
    long startedNanos = ticker.nanos();
    boolean inTime;
    try {
      inTime =
          LockWait.await(
              settings.waiting().waitStrategy(), holder, round, waitLimit, settings.chance());
    } catch (UnavailableException e) {
      if (settings.waiting().lockOutageWait().isZero() || e instanceof RefusedException) {
        throw e;
      }
      // The next attempt tells whether the lock service is away for long.
      waitLimit.sleep(OUTAGE_PAUSE_NANOS);
      inTime = true;
    } finally {
      journal.add(Kind.LOCK_WAITED, key, journal.since(startedNanos));
    }
    if (!inTime) {
      throw heldTooLong(key, terms, holder);
    }
  }

  /** Gives back every lock that was taken here, at once, and refuses to take more. */
  @Override
  public void close() {
    closed = true;
    holdings.forEach(Holding::close);
  }

  private LockHandle taken(SlotKey key, LockAttempt.Acquired acquired, long startedNanos) {
    LockHandle handle = acquired.handle();
    try {
      journal.add(Kind.LOCK_ACQUIRED, key, journal.since(startedNanos));
      Holding holding = new Holding(key, handle);
      holdings.add(holding);
      if (closed) {
        holding.close();
        throw new CacheClosedException(null, key.cache() + ": the cache was closed", null);
      }
      return holding;
    } catch (Throwable t) {
      handle.close();
      throw t;
    }
  }

  private DeadlineExceededException heldTooLong(
      SlotKey key, Terms terms, LockAttempt.Holder holder) {
    String who = holder.who().map("; its lock was held by "::concat).orElse("");
    return timedOut(key, terms, SOMEBODY_ELSE, who, null);
  }

  private DeadlineExceededException timedOut(
      SlotKey key, Terms terms, String what, String holder, @Nullable TidemarkException obstacle) {
    journal.add(Kind.LOCK_TIMED_OUT, key);
    return new DeadlineExceededException(
        key, what + " " + terms.waitLimit() + holder + consequence + settings.obstacle(), obstacle);
  }

  /** A lock that was taken here: tells when it is given back. */
  private final class Holding implements LockHandle {
    private final SlotKey key;
    private final LockHandle handle;
    private final long fence;
    private final long startedNanos = ticker.nanos();
    private final AtomicBoolean closed = new AtomicBoolean();

    Holding(SlotKey key, LockHandle handle) {
      this.key = key;
      this.handle = handle;
      this.fence = handle.fence();
    }

    @Override
    public long fence() {
      return fence;
    }

    @Override
    @SuppressWarnings("CatchingUnchecked") // It must not hide what its holder returns or throws.
    public void close() {
      holdings.remove(this);
      try {
        handle.close();
        if (closed.compareAndSet(false, true)) {
          journal.add(Kind.LOCK_RELEASED, key, journal.since(startedNanos));
        }
      } catch (Throwable t) {
        notReleased.warn("{}: its lock may not have been given back", key, t);
      }
    }
  }
}
