package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.DeadlineExceededException;
import io.tidemark.LoadFailedException;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after one flight, by a timer: calls it off where no thread has come for it in time, and
 * gives it up where its thread does not come back from the source, say, within the bound of a load.
 * The next caller's flight can begin then. Thread-safe.
 */
final class Watch implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

  private final Parts<?, ?> parts;
  private final Ticker ticker;
  private final Flight<?> flight;
  private final SlotKey slotKey;
  private final Terms terms;
  private final Duration maxLoadTime;
  private final ScheduledExecutorService scheduler;
  private final long startedNanos;

  /** When the flight as a whole must be over, once it has begun: its waits, and a load. */
  private volatile Deadline flightEnd;

  private volatile Deadline endBy;
  private volatile @Nullable LockHandle lock;
  private volatile boolean isPlaceFree;
  private volatile @Nullable Future<?> next;

  /**
   * Prepares to look after a flight; {@link #begin} starts the timer.
   *
   * @param beginBy when a thread must have come for the flight
   */
  Watch(
      Parts<?, ?> parts,
      Flight<?> flight,
      SlotKey slotKey,
      Terms terms,
      Deadline beginBy,
      ScheduledExecutorService scheduler) {
    this.parts = parts;
    this.ticker = parts.settings().ticker();
    this.flight = flight;
    this.slotKey = slotKey;
    this.terms = terms;
    this.maxLoadTime = terms.lock().maxLoadTime();
    this.scheduler = scheduler;
    this.startedNanos = ticker.nanos();
    this.flightEnd = beginBy;
    this.endBy = beginBy;
  }

  /**
   * Starts the timer.
   *
   * @throws UnavailableException if there is no timer
   */
  @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, the caller must hear of it.
  void begin() {
    try {
      look(endBy.remainingNanos());
    } catch (Throwable t) {
      throw NoThread.refusedBy("scheduler", "time the load", slotKey, t);
    }
  }

  /** Says that a thread has come for the flight. */
  void beginFlight() {
    flightEnd = Deadline.after(terms.waitLimit().plus(maxLoadTime), ticker);
    endBy = flightEnd;
  }

  /** Says that a load begins, under a lock or without. */
  void boundLoad(@Nullable LockHandle lock) {
    this.lock = lock;
    endBy = Deadline.after(maxLoadTime, ticker);
  }

  /** Says that a load is over, and another may begin. */
  void boundFlight() {
    lock = null;
    endBy = flightEnd;
  }

  /** Stops the timer. */
  void end() {
    Timers.cancel(next);
  }

  /** Looks now if it is time to. */
  void lookIfLate() {
    if (leftNanos(endBy) <= 0) {
      run();
    }
  }

  /** Looks after that time; or sooner, when a load that begins just after this has had its time. */
  private void look(long delayNanos) {
    long nanos = Math.min(delayNanos, maxLoadTime.toNanos());
    next = scheduler.schedule(this, Math.max(0, nanos), TimeUnit.NANOSECONDS);
    if (isOver()) {
      end();
    }
  }

  private boolean isOver() {
    return !flight.isQueued() && !flight.isFlying();
  }

  @Override
  @SuppressWarnings("CatchingUnchecked") // Without a timer, the key's next caller looks.
  public void run() {
    // Before the moment: that of a flight that begins is moved first.
    boolean isQueued = flight.isQueued();
    Deadline moment = endBy;
    // Safeguard WATCH: nothing else ends a flight that no thread comes for.
    if (isOver()) {
      return;
    }
    long leftNanos = leftNanos(moment);
    if (leftNanos > 0) {
      try {
        look(leftNanos);
      } catch (Throwable t) {
        LOG.debug("{}: no timer for a load", slotKey, t);
      }
    } else if (!isQueued) {
      giveUp();
    } else if (!flight.callOff(noThread())) {
      run();
    }
  }

  /** A clock that fails costs one look; the next comes after the time of a load. */
  @SuppressWarnings("CatchingUnchecked")
  private long leftNanos(Deadline moment) {
    try {
      return moment.remainingNanos();
    } catch (Throwable t) {
      LOG.debug("{}: the clock failed; looking later whether its load is late", slotKey, t);
      return maxLoadTime.toNanos();
    }
  }

  private DeadlineExceededException noThread() {
    return flight.noThread(slotKey, terms.lock().deadline(), parts.settings().obstacle());
  }

  private void giveUp() {
    boolean isInReplica = flight.isInReplica();
    TidemarkException failure = failure();
    LockHandle held = lock;
    if (!flight.beginGivingUp()) {
      return;
    }
    // Before the flight ends: the next one needs it.
    giveBack(held);
    if (isInReplica) {
      parts.sources().restReplica(maxLoadTime);
    }
    flight.fail(failure);
    isPlaceFree = parts.hungLoads().add();
    if (isPlaceFree) {
      flight.givePlaceUp();
    }
    if (!isInReplica && failure instanceof LoadFailedException) {
      parts.sources().remember(slotKey, failure);
    }
    parts.journal().add(Kind.LOAD_GIVEN_UP, slotKey, sinceStart(), failure);
    parts.hungLoads().tell(slotKey, failure, flight.flyer(), maxLoadTime);
    // Last, as its thread may be back at once.
    flight.interrupt();
    if (flight.toldOfGivingUp()) {
      tellOfReturn();
    }
  }

  @SuppressWarnings("CatchingUnchecked") // A lock that is not had back must not keep the flight.
  private void giveBack(@Nullable LockHandle held) {
    try {
      if (held != null) {
        held.close();
      }
    } catch (Throwable t) {
      LOG.warn("{}: a lock was not given back", slotKey, t);
    }
  }

  private TidemarkException failure() {
    String obstacle = parts.settings().obstacle();
    if (flight.isInSource()) {
      return new LoadFailedException(
          slotKey,
          "the %s has not answered within %s, which is maxLoadTime: the load was given up%s"
              .formatted(flight.isInReplica() ? "replica" : "source", maxLoadTime, obstacle),
          null);
    }
    return new UnavailableException(
        slotKey,
        flight.isLoading()
            ? "the load was given up: its row has not been stored within %s, which is maxLoadTime"
                .formatted(maxLoadTime)
            : ("the load was given up: within %s, which are waitLimit and maxLoadTime, it has not"
                    + " come as far as to ask the source%s")
                .formatted(terms.waitLimit().plus(maxLoadTime), obstacle),
        null);
  }

  /** Says that the thread of a flight that was given up has come back. */
  void tellOfReturn() {
    if (isPlaceFree) {
      parts.hungLoads().remove();
    }
    parts.journal().add(Kind.GIVEN_UP_LOAD_ENDED, slotKey, sinceStart());
    LOG.debug("{}: a load that was given up has ended", slotKey);
  }

  private Duration sinceStart() {
    return parts.journal().since(startedNanos);
  }
}
