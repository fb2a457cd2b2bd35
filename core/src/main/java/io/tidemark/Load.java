package io.tidemark;

import io.tidemark.Flight.Landing;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flies one {@link Flight}: lock, claim, load, fill. Runs once, on a thread that no caller waits
 * for longer than it likes, and always ends the flight.
 *
 * <p>Each attempt takes the lock anew, because each claim needs a fence of its own: if two attempts
 * shared one, a fill of the first that the network held back could pass for the second's.
 */
final class Load<K, V> implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Load.class);

  /** How many loaded rows the store may refuse before the callers get the last one uncached. */
  private static final int MAX_REFUSALS = 3;

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Parts<K, V> parts;
  private final Settings<K, V> settings;
  private final SlotStore store;
  private final Counters counters;
  private final K key;
  private final SlotKey slotKey;
  private final Flight<V> flight;
  private final boolean mayEndWithAHit;
  private final @Nullable UnavailableException storeFailure;
  private final Runnable beforeEnd;

  /** A deadline of the flight's own: whoever joins last has as much time as whoever came first. */
  private final Deadline deadline;

  private final Deadline waitLimit;
  private int looks;
  private int refusals;

  /** The last row of the source that the store did not take. */
  private @Nullable Loaded<V> lastRefused;

  /** How the flight will end, once that is known. */
  private @Nullable Landing<V> landing;

  /** A row that was read from the source, and the epoch that began with the read. */
  private record Loaded<V>(Row<V> row, EncodedRow encoded, int epoch) {}

  private Load(
      Parts<K, V> parts,
      K key,
      SlotKey slotKey,
      Flight<V> flight,
      boolean mayEndWithAHit,
      @Nullable UnavailableException storeFailure,
      Runnable beforeEnd) {
    this.parts = parts;
    this.settings = parts.settings();
    this.store = settings.store();
    this.counters = parts.counters();
    this.key = key;
    this.slotKey = slotKey;
    this.flight = flight;
    this.mayEndWithAHit = mayEndWithAHit;
    this.storeFailure = storeFailure;
    this.beforeEnd = beforeEnd;
    this.deadline = settings.newDeadline();
    this.waitLimit = deadline.orAfter(settings.waitLimit());
  }

  /**
   * Prepares a load after a miss; its time begins now.
   *
   * @param storeFailure why the store could not be read, if that is known already
   * @param beforeEnd is run just before the flight ends
   */
  static <K, V> Load<K, V> forRead(
      Parts<K, V> parts,
      K key,
      SlotKey slotKey,
      Flight<V> flight,
      @Nullable UnavailableException storeFailure,
      Runnable beforeEnd) {
    return new Load<>(parts, key, slotKey, flight, true, storeFailure, beforeEnd);
  }

  /**
   * Prepares a load that reads the source whatever the slot holds; its time begins now. The
   * fallback policy does not apply: it is about answers, and a refresh is about the slot.
   *
   * @param beforeEnd is run just before the flight ends
   */
  static <K, V> Load<K, V> forRefresh(
      Parts<K, V> parts, K key, SlotKey slotKey, Flight<V> flight, Runnable beforeEnd) {
    return new Load<>(parts, key, slotKey, flight, false, null, beforeEnd);
  }

  @Override
  @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, those who wait must hear of it.
  public void run() {
    parts.keysInUse().enter(slotKey);
    Throwable failure = null;
    try {
      fly();
    } catch (Throwable t) {
      failure = t;
    } finally {
      parts.keysInUse().leave(slotKey);
    }
    beforeEnd.run();
    if (failure != null) {
      flight.fail(failure);
    } else if (landing != null) {
      // Not before the lock is on its way back: in other processes, too, callers wait for that.
      flight.land(landing);
    }
  }

  private void fly() throws InterruptedException {
    if (deadline.hasPassed()) {
      throw new DeadlineExceededException(
          slotKey, "no thread was free to load it within " + settings.deadline(), null);
    }
    if (storeFailure != null) {
      fallBack(storeFailure);
      return;
    }
    try {
      flyUnderLocks();
    } catch (UnavailableException | DeadlineExceededException e) {
      if (lastRefused != null) {
        LOG.debug("{}: no way to try again, so the last row is served uncached", slotKey, e);
        landUncached(lastRefused, Optional.empty());
      } else {
        fallBack(e);
      }
    }
  }

  private void flyUnderLocks() throws InterruptedException {
    do {
      LockHandle handle = acquire();
      if (handle == null) {
        return;
      }
      try (handle) {
        if (flyUnder(handle.fence())) {
          return;
        }
      } catch (OutcomeUnknownException e) {
        LOG.debug("{}: the store's answer was lost; trying again under a new fence", slotKey, e);
        pause();
      }
    } while (!lookAgain());
  }

  /** Takes the lock; null if the flight is over before, because somebody else filled the slot. */
  private @Nullable LockHandle acquire() throws InterruptedException {
    while (true) {
      LockAttempt attempt = settings.locks().tryAcquire(slotKey, waitLimit);
      if (attempt instanceof LockAttempt.Acquired acquired) {
        counters.lockAcquired.increment();
        return acquired.handle();
      }
      counters.lockWaited.increment();
      if (!((LockAttempt.Held) attempt).holder().awaitGone(waitLimit)) {
        throw waitedTooLong("somebody else has loaded or written it for");
      }
      if (lookAgain()) {
        return null;
      }
    }
  }

  /** Reads the slot after a wait. Returns whether the flight is over. */
  private boolean lookAgain() {
    looks++;
    if (!mayEndWithAHit) {
      return flight.hasEnded();
    }
    int epoch = flight.advance();
    Optional<Row<V>> hit = parts.rows().hit(slotKey, store.read(slotKey));
    hit.ifPresent(row -> land(row, Origin.CACHE_AFTER_WAIT, false, Optional.empty(), epoch));
    return landing != null || flight.hasEnded();
  }

  /** Claims, loads and fills under one fence. Returns whether the flight is over. */
  private boolean flyUnder(long fence) throws InterruptedException {
    int epoch = flight.advance();
    ClaimAnswer answer =
        store.claim(slotKey, fence, ClaimMode.UNLESS_PRESENT, settings.pendingLife());
    if (answer instanceof ClaimAnswer.Hit hit) {
      return onHit(hit.slot(), epoch);
    }
    if (answer instanceof ClaimAnswer.Lost) {
      pause();
      return false;
    }
    return loadAndFill(fence);
  }

  /** There is an entry, fresh or expired. Returns whether the flight is over. */
  private boolean onHit(Slot slot, int epoch) throws InterruptedException {
    if (!mayEndWithAHit) {
      return loadAndRefresh();
    }
    Optional<Row<V>> hit = parts.rows().hit(slotKey, slot);
    if (hit.isPresent()) {
      land(hit.get(), Origin.CACHE_AFTER_WAIT, true, Optional.empty(), epoch);
      return true;
    }
    if (!slot.isHit()) {
      return loadAndRefresh();
    }
    // An entry that cannot be decoded makes room for one that can.
    store.drop(slotKey, settings.pendingLife());
    return false;
  }

  private boolean loadAndFill(long fence) throws InterruptedException {
    ClaimRenewer.Renewal renewal = parts.renewer().start(slotKey, fence);
    try {
      if (settings.replica().isPresent() && mayAskAReplica()) {
        Loaded<V> loaded = load(settings.replica().get());
        int epoch = flight.advance();
        Optional<FillAnswer> answer = fill(fence, loaded, FloorRule.ABOVE);
        if (isStored(answer)) {
          landStored(loaded, answer, epoch);
          return true;
        }
        // What the store did not take may be older than a write that has returned: ask the source.
      }
      Loaded<V> loaded = load(settings.source());
      int epoch = flight.advance();
      return concludeFill(fence, loaded, epoch, fill(fence, loaded, FloorRule.AT_OR_ABOVE));
    } catch (Throwable t) {
      parts.abandon(slotKey, fence);
      throw t;
    } finally {
      renewal.close();
    }
  }

  /**
   * Whether a row that lags will do. A refresh promises the source; and once the store has not
   * taken a row, only the source can be trusted to have a newer one.
   */
  private boolean mayAskAReplica() {
    return mayEndWithAHit && refusals == 0;
  }

  /** Returns the store's answer, or nothing if it was lost. */
  private Optional<FillAnswer> fill(long fence, Loaded<V> loaded, FloorRule rule) {
    EncodedRow row = loaded.encoded();
    try {
      FillAnswer answer = store.fill(slotKey, fence, row, rule, parts.rows().lifetime(row));
      switch (answer) {
        case STORED -> counters.stored.increment();
        case BEHIND -> counters.behind.increment();
        case REFUSED -> counters.refused.increment();
      }
      return Optional.of(answer);
    } catch (OutcomeUnknownException | UnavailableException e) {
      LOG.debug("{}: no answer to a fill", slotKey, e);
      return Optional.empty();
    }
  }

  private boolean concludeFill(
      long fence, Loaded<V> loaded, int fillEpoch, Optional<FillAnswer> answer) {
    if (isStored(answer)) {
      landStored(loaded, answer, fillEpoch);
      return true;
    }
    if (answer.isPresent() && answer.get() == FillAnswer.BEHIND) {
      // The source itself says less than it said before, as when a row was deleted and inserted
      // under a clock set back. It is the truth all the same, and is served without being cached.
      LOG.warn("{}: the source gave a version below the slot's floor; not cached", slotKey);
      parts.abandon(slotKey, fence);
      landUncached(loaded, answer);
      return true;
    }
    return concludeRefused(loaded, answer);
  }

  /** Loads while an entry is present, which stays there for those who accept it. */
  private boolean loadAndRefresh() throws InterruptedException {
    Loaded<V> loaded = load(settings.source());
    EncodedRow row = loaded.encoded();
    int epoch = flight.advance();
    RefreshAnswer answer =
        store.refresh(slotKey, row, parts.rows().lifetime(row), settings.pendingLife());
    if (answer == RefreshAnswer.STORED) {
      counters.stored.increment();
      landStored(loaded, Optional.of(FillAnswer.STORED), epoch);
      return true;
    }
    (answer == RefreshAnswer.SUPERSEDED ? counters.superseded : counters.refused).increment();
    return concludeRefused(loaded, Optional.of(FillAnswer.REFUSED));
  }

  /** The store did not take the row: look again a few times, then serve it uncached. */
  private boolean concludeRefused(Loaded<V> loaded, Optional<FillAnswer> answer) {
    if (++refusals < MAX_REFUSALS) {
      lastRefused = loaded;
      return false;
    }
    landUncached(loaded, answer);
    return true;
  }

  private static boolean isStored(Optional<FillAnswer> answer) {
    return answer.isPresent() && answer.get() == FillAnswer.STORED;
  }

  /**
   * Ends the flight with a row that the store took: for a read, by the epoch in which it was
   * offered. Whoever asked for a refresh may have it only if they joined before it was read: that
   * the store took it does not tell whether the row has changed in the source.
   */
  private void landStored(Loaded<V> loaded, Optional<FillAnswer> answer, int offerEpoch) {
    int epoch = mayEndWithAHit ? offerEpoch : loaded.epoch();
    land(loaded.row(), Origin.SOURCE_LOCK_HOLDER, true, answer, epoch);
  }

  /** Ends the flight with a row of the source, for those who joined before it was read. */
  private void landUncached(Loaded<V> loaded, Optional<FillAnswer> answer) {
    land(loaded.row(), Origin.SOURCE_LOCK_HOLDER, true, answer, loaded.epoch());
  }

  private Loaded<V> load(Source<K, V> source) throws InterruptedException {
    int epoch = flight.advance();
    counters.loads.increment();
    Row<V> row;
    try {
      row = source.load(key);
    } catch (InvalidVersionException e) {
      throw new InvalidVersionException(slotKey, Objects.requireNonNull(e.getMessage()), e);
    } catch (Exception e) {
      throw new LoadFailedException(slotKey, "the source failed", e);
    }
    if (row == null) {
      throw new LoadFailedException(
          slotKey, "the source returned null; for no row it must return Row.absent()", null);
    }
    return new Loaded<>(row, parts.rows().encode(slotKey, row), epoch);
  }

  /** The usual way is closed: do what the policy says. */
  private void fallBack(TidemarkException cause) throws InterruptedException {
    if (settings.fallback() != FallbackPolicy.LOAD || !mayEndWithAHit) {
      throw cause;
    }
    if (!parts
        .fallbackLoads()
        .tryAcquire(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS)) {
      throw new UnavailableException(
          slotKey,
          "the limit of maxFallbackLoads=" + settings.maxFallbackLoads() + " is reached",
          cause);
    }
    try {
      Loaded<V> loaded = load(settings.source());
      land(loaded.row(), Origin.SOURCE_FALLBACK, false, Optional.empty(), loaded.epoch());
    } finally {
      parts.fallbackLoads().release();
    }
  }

  private void land(
      Row<V> row, Origin origin, boolean lockAcquired, Optional<FillAnswer> fill, int epoch) {
    landing = new Landing<>(new Answer<>(row, origin, lockAcquired, looks, fill), epoch);
  }

  /** Waits a little before the next attempt, which otherwise would meet the same obstacle. */
  private void pause() throws InterruptedException {
    if (waitLimit.hasPassed()) {
      throw waitedTooLong("no claim could be made for");
    }
    waitLimit.sleep(PAUSE_NANOS);
  }

  private DeadlineExceededException waitedTooLong(String what) {
    counters.lockTimedOut.increment();
    return new DeadlineExceededException(slotKey, what + " " + settings.waitLimit(), null);
  }
}
