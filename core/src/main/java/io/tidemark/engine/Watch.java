package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the loads of a cache, each by a timer: calls a load off where no thread comes for it
 * in time, and gives it up where its thread does not return in time, from the source for instance.
 * Then the key can be loaded for the next caller. Thread-safe.
 */
final class Watch {
  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

  private final Settings<?, ?> settings;
  private final Ticker ticker;
  private final Journal journal;
  private final SourceReader<?, ?> sources;
  private final HungLoads hungLoads;
  private final ScheduledExecutorService scheduler;

  Watch(
      Settings<?, ?> settings,
      Journal journal,
      SourceReader<?, ?> sources,
      HungLoads hungLoads,
      ScheduledExecutorService scheduler) {
    this.settings = settings;
    this.ticker = settings.ticker();
    this.journal = journal;
    this.sources = sources;
    this.hungLoads = hungLoads;
    this.scheduler = scheduler;
  }

  /** What looks after a load from its start until its thread has done its work. */
  LoadRun.Supervisor over(LoadRun load, TimeBound bound, SlotKey slotKey, Terms terms) {
    return new Supervision(load, bound, slotKey, terms);
  }

  private final class Supervision implements LoadRun.Supervisor, Runnable {
    private final LoadRun load;
    private final TimeBound bound;
    private final SlotKey slotKey;
    private final Terms terms;
    private final Duration maxLoadTime;
    private final Stopwatch stopwatch = Stopwatch.start(ticker);
    private volatile boolean isPlaceFree;
    private volatile @Nullable Future<?> next;

    Supervision(LoadRun load, TimeBound bound, SlotKey slotKey, Terms terms) {
      this.load = load;
      this.bound = bound;
      this.slotKey = slotKey;
      this.terms = terms;
      this.maxLoadTime = terms.profile().maxLoadTime();
    }

    @Override
    @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, the caller must hear of it.
    public void begin() {
      try {
        look(bound.endBy().remainingNanos());
      } catch (Throwable t) {
        throw NoThread.refusedBy("scheduler", "time the load", slotKey, t);
      }
    }

    @Override
    public void end() {
      Timers.cancel(next);
    }

    @Override
    public void lookIfLate() {
      if (leftNanos(bound.endBy()) <= 0) {
        run();
      }
    }

    /** Looks after that time; or sooner, when an attempt that begins now has had its time. */
    private void look(long delayNanos) {
      long nanos = Math.min(delayNanos, maxLoadTime.toNanos());
      next = Timers.scheduleOrFail(scheduler, this, Math.max(0, nanos));
      if (isOver()) {
        end();
      }
    }

    private boolean isOver() {
      return !load.isQueued() && !load.isAtWork();
    }

    @Override
    @SuppressWarnings("CatchingUnchecked") // Without a timer, the key's next caller looks.
    public void run() {
      // Before the moment: that of a load that begins is moved first.
      boolean isQueued = load.isQueued();
      Deadline moment = bound.endBy();
      // Safeguard WATCH: nothing else ends a load that no thread comes for.
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
      } else if (!load.callOff(
          load.noThread(slotKey, terms.profile().deadline(), settings.obstacle()))) {
        run();
      }
    }

    /** A clock that fails costs one look; the next comes after the time of an attempt. */
    @SuppressWarnings("CatchingUnchecked")
    private long leftNanos(Deadline moment) {
      try {
        return moment.remainingNanos();
      } catch (Throwable t) {
        LOG.debug("{}: the clock failed; looking later whether its load is late", slotKey, t);
        return maxLoadTime.toNanos();
      }
    }

    private void giveUp() {
      boolean isInReplica = load.isInReplica();
      TidemarkException failure = failure();
      LockHandle held = bound.lock();
      if (!load.beginGivingUp()) {
        return;
      }
      // Before the load fails its owner: the next load needs it.
      release(held);
      if (isInReplica) {
        sources.restReplica(maxLoadTime);
      }
      load.failOwner(failure);
      isPlaceFree = hungLoads.add();
      if (isPlaceFree) {
        load.givePlaceUp();
      }
      if (!isInReplica && load.hasOneKey() && failure instanceof LoadFailedException) {
        sources.remember(slotKey, failure);
      }
      journal.add(Kind.LOAD_GIVEN_UP, slotKey, stopwatch.elapsed(), failure);
      hungLoads.tell(slotKey, failure.withoutKey(), load.threadName(), maxLoadTime);
      // Last, as its thread may be back at once.
      load.interrupt();
      if (load.toldOfGivingUp()) {
        tellOfReturn();
      }
    }

    @SuppressWarnings("CatchingUnchecked") // A lock that is not released must not keep the load.
    private void release(@Nullable LockHandle held) {
      try {
        if (held != null) {
          held.close();
        }
      } catch (Throwable t) {
        LOG.warn("{}: a lock was not given back", slotKey, t);
      }
    }

    private TidemarkException failure() {
      String obstacle = settings.obstacle();
      if (load.isInSource()) {
        return new LoadFailedException(
            slotKey,
            "the %s has not answered within %s, which is maxLoadTime: the load was given up%s"
                .formatted(load.isInReplica() ? "replica" : "source", maxLoadTime, obstacle),
            null);
      }
      return new UnavailableException(
          slotKey,
          load.isLoading()
              ? "the load was given up: its row has not been stored within %s, which is maxLoadTime"
                  .formatted(maxLoadTime)
              : ("the load was given up: within %s, which are waitLimit and maxLoadTime, it has"
                      + " not come as far as to ask the source%s")
                  .formatted(terms.waitLimit().plus(maxLoadTime), obstacle),
          null);
    }

    @Override
    public void tellOfReturn() {
      if (isPlaceFree) {
        hungLoads.remove();
      }
      journal.add(Kind.GIVEN_UP_LOAD_ENDED, slotKey, stopwatch.elapsed());
      LOG.debug("{}: a load that was given up has ended", slotKey);
    }
  }
}
