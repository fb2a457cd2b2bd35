package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.SlotKey;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes slots safe after a write whose outcome is unknown: publishes the row again in the
 * background, until the store answers or {@link io.tidemark.CacheBuilder#repairTime} is over.
 * Thread-safe.
 *
 * <p>A row may be published any number of times, however late, and lets no reader step back. So
 * repairs need no lock, and those of one key no order.
 *
 * <p>Each repair has a timer of its own, which goes on whatever becomes of a turn: a thread that
 * never comes, or anything that is thrown, costs that turn only. The pauses double, so that rows of
 * a server that stays away are tried less and less, and at once only by a few threads; a row that
 * has not been tried in the background yet does not wait behind them.
 */
final class Repairs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Repairs.class);

  /** How many rows wait for the store. */
  static final int MAX_PENDING = 1_024;

  /** How large their values are together. */
  static final long MAX_PENDING_BYTES = 32L * 1024 * 1024;

  /** How many threads a silent store may keep waiting. */
  private static final int MAX_AT_ONCE = 8;

  private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Settings<?, ?> settings;
  private final Journal journal;
  private final Publisher publisher;
  private final Executor executor;
  private final ScheduledExecutorService scheduler;
  private final ThrottledLog abandoned;

  /** All that are not done, those that are being tried included. */
  private final Set<Repair> pending = new LinkedHashSet<>();

  /** Repairs that are due for their first try. */
  private final Queue<Repair> first = new ArrayDeque<>();

  /** Repairs that are due for another try. */
  private final Queue<Repair> again = new ArrayDeque<>();

  private boolean againIsNext;
  private long pendingBytes;
  private int running;
  private boolean closed;

  /** One row on its way; its fields are guarded by the repairs, except for the volatile ones. */
  private static final class Repair {
    private final SlotKey slotKey;
    private final Parcel row;
    private long pauseNanos = SHORTEST_PAUSE_NANOS;
    private boolean tried;
    private boolean inTurn;
    private volatile @Nullable Future<?> timer;

    /** When it is given up; null until the clock has told the time. */
    private volatile @Nullable Deadline deadline;

    Repair(SlotKey slotKey, Parcel row) {
      this.slotKey = slotKey;
      this.row = row;
    }

    long bytes() {
      return row instanceof Parcel.Entry entry && entry.row() instanceof EncodedRow.Present present
          ? present.payload().bytes().length
          : 0;
    }
  }

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

  /**
   * Repairs a slot by publishing a row, from now on until it is done or given up. Where the rows
   * that wait are too large already, by dropping what the slot holds instead.
   */
  void add(SlotKey slotKey, Parcel row) {
    Repair repair = new Repair(slotKey, row);
    if (!hasRoomFor(repair)) {
      LOG.debug("{}: to be repaired by a drop, as the rows that wait are too large", slotKey);
      repair = new Repair(slotKey, new Parcel.Withheld(row.version()));
    }
    boolean unused = isOver(repair);
    String refusal = enter(repair);
    if (refusal != null) {
      giveUp(repair, refusal);
    } else {
      scheduleNext(repair);
    }
  }

  /** Gives up what is not repaired yet. */
  @Override
  public void close() {
    List<Repair> left;
    synchronized (this) {
      closed = true;
      left = List.copyOf(pending);
    }
    left.forEach(repair -> end(repair, "the cache was closed"));
  }

  /** How many slots wait to be repaired. */
  synchronized int waiting() {
    return pending.size();
  }

  private synchronized boolean hasRoomFor(Repair repair) {
    return pendingBytes + repair.bytes() <= MAX_PENDING_BYTES;
  }

  /** Returns why the repair was refused, or null if it will be made. */
  private synchronized @Nullable String enter(Repair repair) {
    if (closed) {
      return "the cache is closed";
    }
    if (pending.size() == MAX_PENDING) {
      return MAX_PENDING + " other slots wait to be repaired";
    }
    pending.add(repair);
    pendingBytes += repair.bytes();
    return null;
  }

  /** Returns whether it was still pending: only one of those who end it may tell of it. */
  private synchronized boolean leave(Repair repair) {
    if (!pending.remove(repair)) {
      return false;
    }
    pendingBytes -= repair.bytes();
    first.remove(repair);
    again.remove(repair);
    return true;
  }

  /** Plans a repair's next turn before the one that begins, whatever becomes of that. */
  @SuppressWarnings("CatchingUnchecked") // Without a timer it would be forgotten.
  private void scheduleNext(Repair repair) {
    long pauseNanos = nextPause(repair);
    try {
      repair.timer = Timers.schedule(scheduler, () -> takeTurn(repair), pauseNanos);
    } catch (Throwable t) {
      end(repair, "the scheduler refused: " + Failures.refusalOf(t));
    }
  }

  private synchronized long nextPause(Repair repair) {
    long pause = repair.pauseNanos;
    repair.pauseNanos = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
    return pause;
  }

  /** Leaves the scheduler's thread, which must not wait for a store that is away. */
  @SuppressWarnings("CatchingUnchecked") // Whatever it is, the next turn comes.
  private void takeTurn(Repair repair) {
    if (!isPending(repair)) {
      return;
    }
    scheduleNext(repair);
    try {
      if (isOver(repair)) {
        endInVain(repair);
      } else if (enqueue(repair)) {
        executor.execute(this::run);
      }
    } catch (Throwable t) {
      LOG.debug("{}: no thread for its repair; trying later", repair.slotKey, t);
    }
  }

  /** Where the clock fails it is not: what is committed must not stay unrepaired for that. */
  @SuppressWarnings("CatchingUnchecked")
  private boolean isOver(Repair repair) {
    try {
      Deadline deadline = repair.deadline;
      if (deadline == null) {
        deadline = Deadline.after(settings.fallbacks().repairTime(), settings.ticker());
        repair.deadline = deadline;
      }
      return deadline.hasPassed();
    } catch (Throwable t) {
      LOG.debug("{}: the clock failed; its repair goes on", repair.slotKey, t);
      return false;
    }
  }

  private synchronized boolean isPending(Repair repair) {
    return pending.contains(repair);
  }

  /** Returns whether a thread is to be asked for: not for a repair that is being tried. */
  private synchronized boolean enqueue(Repair repair) {
    if (!repair.inTurn) {
      repair.inTurn = true;
      (repair.tried ? again : first).add(repair);
      return true;
    }
    return running < MAX_AT_ONCE && !(first.isEmpty() && again.isEmpty());
  }

  /** Tries those whose turn it is, until there is none. */
  private void run() {
    if (!begin()) {
      return;
    }
    Repair repair;
    while ((repair = nextOrEnd()) != null) {
      attempt(repair);
    }
  }

  private synchronized boolean begin() {
    if (running == MAX_AT_ONCE) {
      return false;
    }
    running++;
    return true;
  }

  /** First tries go first; but every second one is of a row that has failed, if there is one. */
  private synchronized @Nullable Repair nextOrEnd() {
    againIsNext = !againIsNext;
    Repair next = againIsNext ? again.poll() : first.poll();
    if (next == null) {
      next = againIsNext ? first.poll() : again.poll();
    }
    if (next == null) {
      running--;
    } else {
      next.tried = true;
    }
    return next;
  }

  @SuppressWarnings("CatchingUnchecked") // One repair that fails must not end the others.
  private void attempt(Repair repair) {
    try {
      if (isOver(repair)) {
        endInVain(repair);
        return;
      }
      PublishAnswer unused = publisher.publish(repair.slotKey, LockHandle.NO_FENCE, repair.row);
      if (leave(repair)) {
        Timers.cancel(repair.timer);
        journal.add(Kind.REPAIRED, repair.slotKey);
        LOG.debug("{}: repaired; its write had got no answer from the store", repair.slotKey);
      }
    } catch (Throwable t) {
      LOG.debug("{}: not repaired yet", repair.slotKey, t);
    } finally {
      endTurn(repair);
    }
  }

  private synchronized void endTurn(Repair repair) {
    repair.inTurn = false;
  }

  private void endInVain(Repair repair) {
    end(repair, "the store gave no answer for " + settings.fallbacks().repairTime());
  }

  private void end(Repair repair, String why) {
    if (leave(repair)) {
      Timers.cancel(repair.timer);
      giveUp(repair, why);
    }
  }

  /** Tells of it; never while the monitor is held, as listeners may do what they like. */
  private void giveUp(Repair repair, String why) {
    journal.add(Kind.REPAIR_ABANDONED, repair.slotKey);
    abandoned.warn(
        "{}: not repaired, because {}; an older value may be served until its time to live ends",
        repair.slotKey,
        why);
  }
}
