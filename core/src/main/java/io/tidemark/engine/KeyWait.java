package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.DeadlineExceededException;
import io.tidemark.RefusedException;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One load's or write's wait for the lock and the claim of its key, which a limit bounds as a
 * whole, however often the work has to begin anew. For one thread.
 */
final class KeyWait {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long OUTAGE_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final String NO_CLAIM = "no claim could be made for";
  private static final String SOMEBODY_ELSE = "somebody else has loaded or written it for";

  private final Settings<?, ?> settings;
  private final Ticker ticker;
  private final Journal journal;
  private final Locker locker;
  private final SlotKey key;
  private final Work work;
  private final Duration limit;
  private final Deadline deadline;

  /** Whether somebody is likely to hold the lock, as far as is known before the next attempt. */
  private boolean isContended;

  /** How many waits for holders there were since the lock was last acquired. */
  private int round;

  /** The last holder that was waited for, unless the lock was acquired since. */
  private LockAttempt.@Nullable Holder holder;

  /**
   * Prepares to wait.
   *
   * @param isContended whether somebody is likely to hold the lock
   * @param limit how long, for people
   * @param deadline when that time has passed
   */
  KeyWait(
      Settings<?, ?> settings,
      Journal journal,
      Locker locker,
      SlotKey key,
      Work work,
      boolean isContended,
      Duration limit,
      Deadline deadline) {
    this.settings = settings;
    this.ticker = settings.ticker();
    this.journal = journal;
    this.locker = locker;
    this.key = key;
    this.work = work;
    this.isContended = isContended;
    this.limit = limit;
    this.deadline = deadline;
  }

  /** Whether the limit has passed. */
  boolean isOver() {
    return deadline.hasPassed();
  }

  /**
   * Acquires the lock, or waits once for its holder. After such a wait the slot is worth a look:
   * the holder may have made the lock needless.
   *
   * @return null after a wait
   * @throws UnavailableException if the lock service is away; a {@link RefusedException} at once
   * @throws DeadlineExceededException if the limit has passed
   */
  @Nullable HeldLock acquireOrAwait() throws InterruptedException {
    if (deadline.hasPassed()) {
      throw holder == null ? timedOut(NO_CLAIM, "", null) : heldTooLong(holder);
    }
    Stopwatch stopwatch = Stopwatch.start(ticker);
    LockAttempt attempt = attempt();
    if (attempt instanceof LockAttempt.Acquired acquired) {
      holder = null;
      isContended = false;
      round = 0;
      return locker.take(key, work, acquired.handle(), stopwatch);
    }
    LockAttempt.Holder current = ((LockAttempt.Held) attempt).holder();
    holder = current;
    isContended = true;
    await(current);
    return null;
  }

  /** Acquires the lock, after those who hold it. Throws likewise. */
  HeldLock acquire() throws InterruptedException {
    HeldLock lock;
    do {
      lock = acquireOrAwait();
    } while (lock == null);
    return lock;
  }

  /**
   * Waits a little before the next try to claim, which otherwise would meet the same obstacle.
   *
   * @param startNanos when the last try began
   * @param obstacle what the last try failed with; null if it did not fail
   * @throws DeadlineExceededException if there is no time for another try
   */
  void pause(long startNanos, @Nullable TidemarkException obstacle) throws InterruptedException {
    pause(startNanos, "", obstacle);
  }

  /** Waits likewise after a claim that was lost to another, and tells of that one. */
  void pauseAfter(Slot.Pending claim, long startNanos) throws InterruptedException {
    pause(startNanos, holderOf(claim), null);
  }

  private static String holderOf(Slot.Pending claim) {
    return "; its claim is held by %s, since %s".formatted(claim.writer(), claim.writtenAt());
  }

  /**
   * Why a load without a lock gives up waiting.
   *
   * @param claim the claim that is in the way
   */
  static DeadlineExceededException noClaim(
      Settings<?, ?> settings, SlotKey key, Duration limit, Slot.Pending claim) {
    return new DeadlineExceededException(
        key, NO_CLAIM + " " + limit + holderOf(claim) + settings.obstacle(), null);
  }

  private void pause(long startNanos, String claimHolder, @Nullable TidemarkException obstacle)
      throws InterruptedException {
    boolean isTimeLeft = hasTimeForAnother(startNanos, deadline, ticker);
    if (isTimeLeft) {
      deadline.sleep(PAUSE_NANOS);
    }
    // Told here: the next attempt would blame the lock, which is there.
    if (!isTimeLeft || deadline.hasPassed()) {
      throw timedOut(NO_CLAIM, claimHolder, obstacle);
    }
  }

  /**
   * Whether another try, if it takes as long as the last one, ends by a deadline. A store that is
   * silent makes its caller wait for its own time limit each time.
   *
   * @param startNanos when the last try began
   */
  static boolean hasTimeForAnother(long startNanos, Deadline deadline, Ticker ticker) {
    return deadline.remainingNanos() > ticker.nanos() - startNanos;
  }

  /** One attempt, repeated while the lock service is away and may be back soon. */
  private LockAttempt attempt() throws InterruptedException {
    Deadline outage = null;
    while (true) {
      try {
        return locker.attempt(key, deadline, isContended);
      } catch (RefusedException e) {
        throw e;
      } catch (UnavailableException e) {
        if (outage == null) {
          outage = deadline.orAfter(settings.waiting().lockOutageWait());
        }
        if (outage.hasPassed()) {
          throw e;
        }
        outage.sleep(OUTAGE_PAUSE_NANOS);
      }
    }
  }

  private void await(LockAttempt.Holder current) throws InterruptedException {
    journal.add(Kind.LOCK_WAIT, key);
    Stopwatch stopwatch = Stopwatch.start(ticker);
    boolean inTime;
    try {
      inTime =
          LockWait.await(
              settings.waiting().waitStrategy(), current, round, deadline, settings.chance());
    } catch (UnavailableException e) {
      if (settings.waiting().lockOutageWait().isZero() || e instanceof RefusedException) {
        throw e;
      }
      // The next attempt tells whether the lock service is away for long.
      deadline.sleep(OUTAGE_PAUSE_NANOS);
      inTime = true;
    } finally {
      journal.add(Kind.LOCK_WAITED, key, stopwatch.elapsed());
    }
    round++;
    if (!inTime) {
      throw heldTooLong(current);
    }
  }

  private DeadlineExceededException heldTooLong(LockAttempt.Holder current) {
    String who = current.who().map("; its lock was held by "::concat).orElse("");
    return timedOut(SOMEBODY_ELSE, who, null);
  }

  private DeadlineExceededException timedOut(
      String what, String by, @Nullable TidemarkException obstacle) {
    journal.add(Kind.LOCK_TIMED_OUT, key);
    return new DeadlineExceededException(
        key, what + " " + limit + by + work.consequence() + settings.obstacle(), obstacle);
  }
}
