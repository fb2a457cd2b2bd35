package io.tidemark;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.SlotKey;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes slots safe after a write whose outcome is unknown: publishes the row again in the
 * background, until the store answers or {@link CacheBuilder#repairTime} is over. Thread-safe.
 *
 * <p>A row may be published any number of times, however late, and lets no reader step back. So
 * repairs need no lock, and those of one key no order. They go out one after the other: a store
 * that is away is asked by one thread, not by one for each write.
 */
final class Repairs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Repairs.class);

  /** Bounds the memory for rows that wait for the store. */
  private static final int MAX_PENDING = 1_024;

  private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Settings<?, ?> settings;
  private final Journal journal;
  private final Publisher publisher;
  private final Executor executor;
  private final ScheduledExecutorService scheduler;
  private final ThrottledLog abandoned;

  private final Queue<Repair> pending = new ArrayDeque<>();
  private long pauseNanos = SHORTEST_PAUSE_NANOS;
  private boolean underWay;
  private @Nullable Future<?> next;
  private boolean closed;

  private record Repair(SlotKey slotKey, Parcel row, Deadline deadline) {}

  /**
   * Makes an empty list of repairs.
   *
   * @param executor publishes
   * @param scheduler waits between two attempts
   */
  Repairs(
      Settings<?, ?> settings,
      Journal journal,
      Publisher publisher,
      Executor executor,
      ScheduledExecutorService scheduler) {
    this.settings = settings;
    this.journal = journal;
    this.publisher = publisher;
    this.executor = executor;
    this.scheduler = scheduler;
    this.abandoned = new ThrottledLog(Repairs.class, settings.ticker());
  }

  /** Repairs a slot by publishing a row, from now on until it is done or given up. */
  void add(SlotKey slotKey, Parcel row) {
    Repair repair =
        new Repair(slotKey, row, Deadline.after(settings.repairTime(), settings.ticker()));
    String refusal = enqueue(repair);
    if (refusal != null) {
      giveUp(repair, refusal);
    }
  }

  /** Gives up what is not repaired yet. */
  @Override
  public void close() {
    Repair repair;
    synchronized (this) {
      closed = true;
      if (next != null) {
        next.cancel(false);
      }
    }
    while ((repair = poll()) != null) {
      giveUp(repair, "the cache was closed");
    }
  }

  /** Returns why the repair was refused, or null if it will be made. */
  private synchronized @Nullable String enqueue(Repair repair) {
    if (closed) {
      return "the cache is closed";
    }
    if (pending.size() == MAX_PENDING) {
      return MAX_PENDING + " other slots wait to be repaired";
    }
    pending.add(repair);
    if (!underWay) {
      underWay = true;
      scheduleNext();
    }
    return null;
  }

  private synchronized @Nullable Repair poll() {
    return pending.poll();
  }

  /** One turn: repairs until nothing is left or the store fails to answer. */
  private void run() {
    Repair repair;
    while ((repair = poll()) != null) {
      if (repair.deadline().hasPassed()) {
        giveUp(repair, "the store gave no answer for " + settings.repairTime());
      } else if (!publish(repair)) {
        retryLater(repair);
        return;
      }
    }
    rest();
  }

  private boolean publish(Repair repair) {
    PublishAnswer unused;
    try {
      unused = publisher.publish(repair.slotKey(), LockHandle.NO_FENCE, repair.row());
    } catch (RuntimeException e) {
      LOG.debug("{}: not repaired yet", repair.slotKey(), e);
      return false;
    }
    journal.add(Kind.REPAIRED, repair.slotKey());
    LOG.debug("{}: repaired; its write had got no answer from the store", repair.slotKey());
    return true;
  }

  /** To the end of the queue: where only a part of the store is away, the others get their turn. */
  private synchronized void retryLater(Repair repair) {
    if (closed) {
      giveUp(repair, "the cache was closed");
      return;
    }
    pending.add(repair);
    pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
    scheduleNext();
  }

  /** Ends the turn, unless somebody has added a repair since the queue was found empty. */
  private synchronized void rest() {
    pauseNanos = SHORTEST_PAUSE_NANOS;
    underWay = !pending.isEmpty();
    if (underWay) {
      scheduleNext();
    }
  }

  private synchronized void scheduleNext() {
    try {
      next = scheduler.schedule(this::takeTurn, pauseNanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      underWay = false;
      pending.forEach(repair -> giveUp(repair, "the scheduler was shut down"));
      pending.clear();
    }
  }

  /** Leaves the scheduler's thread, which must not wait for a store that is away. */
  private void takeTurn() {
    try {
      executor.execute(this::run);
    } catch (RejectedExecutionException e) {
      LOG.debug("{}: no thread for repairs; trying later", settings.name(), e);
      scheduleNext();
    }
  }

  private void giveUp(Repair repair, String why) {
    journal.add(Kind.REPAIR_ABANDONED, repair.slotKey());
    abandoned.warn(
        "{}: not repaired, because {}; an older value may be served until its time to live ends",
        repair.slotKey(),
        why);
  }
}
