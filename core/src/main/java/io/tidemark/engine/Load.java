package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.DeadlineExceededException;
import io.tidemark.Origin;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.Source;
import io.tidemark.UnavailableException;
import io.tidemark.engine.Flight.Landing;
import io.tidemark.engine.SourceReader.Loaded;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.Optional;
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

  private final Parts<K, V> parts;
  private final Settings<K, V> settings;
  private final SlotStore store;
  private final Journal journal;
  private final CacheKey<K> key;
  private final SlotKey slotKey;
  private final Flight<V> flight;
  private final Terms terms;
  private final Purpose purpose;

  private final KeyWait wait;
  private int looks;
  private int refusals;

  /** The last row of the source that the store did not take. */
  private @Nullable Loaded<V> lastRefused;

  /** How the flight will end, once that is known. */
  private @Nullable Landing<V> landing;

  /** What a load is for. */
  enum Purpose {
    /** An answer: an entry that somebody else has made will do. */
    READ,
    /** An entry that was read from the source after the callers asked for it. */
    REFRESH
  }

  /**
   * Prepares a load; its time begins now.
   *
   * @param terms of whoever starts it
   */
  Load(Parts<K, V> parts, CacheKey<K> key, Flight<V> flight, Terms terms, Purpose purpose) {
    this.parts = parts;
    this.settings = parts.settings();
    this.store = settings.store();
    this.journal = parts.journal();
    this.key = key;
    this.slotKey = key.slot();
    this.flight = flight;
    this.terms = terms;
    this.purpose = purpose;
    // The flight's own limit: whoever joins last has as much time as whoever came first.
    this.wait =
        new KeyWait(
            settings,
            journal,
            parts.locker(),
            slotKey,
            Work.LOAD,
            terms.waitLimit(),
            terms.newDeadline(settings.ticker()).orAfter(terms.waitLimit()));
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
    if (landing != null) {
      // Not before the lock is on its way back: in other processes, too, callers wait for that. But
      // also where that failed: they have their answer.
      flight.land(landing);
    } else if (failure != null) {
      flight.fail(failure);
    }
  }

  private void fly() throws InterruptedException {
    if (wait.isOver()) {
      throw flight.noThread(slotKey, terms.waitLimit(), settings.obstacle());
    }
    if (purpose == Purpose.READ) {
      parts.sources().checkNotFailing(slotKey);
    }
    try {
      flyUnderLocks();
    } catch (UnavailableException | DeadlineExceededException e) {
      if (lastRefused == null) {
        throw e;
      }
      LOG.debug("{}: no way to try again, so the last row is served uncached", slotKey, e);
      landUncached(lastRefused, Optional.empty());
    }
  }

  private void flyUnderLocks() throws InterruptedException {
    // Safeguard FENCE_PER_ATTEMPT: under a shared fence, a late fill passes for the next attempt's.
    do {
      HeldLock lock = wait.acquireOrAwait();
      if (lock == null) {
        continue;
      }
      try (lock) {
        flight.beginAttempt(lock);
        // Given up while the lock service did not answer: there is nobody to load it for.
        if (flight.hasEnded() || flyUnder(lock)) {
          return;
        }
      } catch (OutcomeUnknownException e) {
        LOG.debug("{}: the store's answer was lost; trying again under a new fence", slotKey, e);
        wait.pause(settings.ticker().nanos(), null);
      } finally {
        flight.endAttempt();
      }
      // Safeguard FENCE_PER_ATTEMPT: the lock was released, and the next attempt acquires it anew.
    } while (!lookAgain());
  }

  /** Reads the slot after a wait. Returns whether the flight is over. */
  private boolean lookAgain() {
    looks++;
    if (purpose == Purpose.REFRESH) {
      return flight.hasEnded();
    }
    long epoch = flight.advance();
    Optional<Copies<V>> hit = parts.rows().hitForAll(slotKey, store.read(slotKey));
    // Safeguard HIT_EPOCH: since the slot was read, a write may have returned.
    hit.ifPresent(row -> land(row, Origin.CACHE_AFTER_WAIT, false, Optional.empty(), epoch));
    return landing != null || flight.hasEnded();
  }

  /** Claims, loads and fills under one fence. Returns whether the flight is over. */
  private boolean flyUnder(HeldLock lock) throws InterruptedException {
    long epoch = flight.advance();
    ClaimOutcome outcome = parts.claims().take(lock, ClaimMode.UNLESS_PRESENT, terms.lock());
    if (outcome instanceof ClaimOutcome.Taken taken) {
      return loadAndFill(taken.claim());
    }
    if (outcome instanceof ClaimOutcome.Lost lost) {
      wait.pauseAfter(lost.claim(), settings.ticker().nanos());
      return false;
    }
    return onEntry(lock, ((ClaimOutcome.Present) outcome).slot(), epoch);
  }

  /** There is an entry, fresh or expired. Returns whether the flight is over. */
  private boolean onEntry(HeldLock lock, Slot slot, long epoch) {
    if (purpose == Purpose.REFRESH) {
      return loadAndRefresh();
    }
    Optional<Copies<V>> hit = parts.rows().hitForAll(slotKey, slot);
    if (hit.isPresent()) {
      land(hit.get(), Origin.CACHE_AFTER_WAIT, true, Optional.empty(), epoch);
      return true;
    }
    if (!slot.isHit()) {
      return loadAndRefresh();
    }
    // An entry that cannot be decoded makes room for one that can. The claim before has changed
    // nothing, so this is the first with its fence.
    return parts.claims().take(lock, ClaimMode.ALWAYS, terms.lock())
            instanceof ClaimOutcome.Taken taken
        && loadAndFill(taken.claim());
  }

  private boolean loadAndFill(Claim claim) {
    try (claim) {
      return loadAndFillOrAbandon(claim);
    }
  }

  private boolean loadAndFillOrAbandon(Claim claim) {
    long fence = claim.fence();
    try {
      if (settings.replica().isPresent() && mayAskAReplica() && loadFromReplicaAndFill(fence)) {
        return true;
      }
      Loaded<V> loaded = load(settings.source());
      Parcel.Entry entry = parts.rows().entryOf(loaded.checked().parcel());
      if (entry == null) {
        landWithheld(loaded);
        claim.abandon();
        return true;
      }
      // Safeguard EPOCH_OF_FILL: after the fill, a write may return before its answer comes.
      long epoch = flight.advance();
      return concludeFill(claim, loaded, epoch, fill(fence, entry, FloorRule.AT_OR_ABOVE));
    } catch (Throwable t) {
      claim.abandon();
      throw t;
    }
  }

  /**
   * Asks the replica. What the store does not take may be older than a write that has returned, and
   * a replica that fails says nothing of the source: then it is for the source to answer.
   *
   * @return whether the store took the replica's row
   */
  private boolean loadFromReplicaAndFill(long fence) {
    @Nullable Loaded<V> loaded =
        parts.sources().readReplica(settings.replica().orElseThrow(), key, flight);
    if (loaded == null) {
      return false;
    }
    Parcel.Entry entry = parts.rows().entryOf(loaded.checked().parcel());
    if (entry == null) {
      return false;
    }
    long epoch = flight.advance();
    Optional<FillAnswer> answer = fill(fence, entry, FloorRule.ABOVE);
    if (!isStored(answer)) {
      return false;
    }
    landStored(loaded, answer, epoch);
    return true;
  }

  /**
   * Whether a row that lags will do. A refresh promises the source; and once the store has not
   * taken a row, only the source can be trusted to have a newer one.
   */
  private boolean mayAskAReplica() {
    return purpose == Purpose.READ && refusals == 0;
  }

  /** Returns the store's answer, or nothing if it was lost. */
  private Optional<FillAnswer> fill(long fence, Parcel.Entry entry, FloorRule rule) {
    try {
      FillAnswer answer =
          store.fill(slotKey, fence, entry.row(), rule, parts.rows().lifetime(entry));
      journal.add(
          switch (answer) {
            case STORED -> Kind.FILL_STORED;
            case BEHIND -> Kind.FILL_BEHIND;
            case REFUSED -> Kind.FILL_REFUSED;
          },
          slotKey);
      return Optional.of(answer);
    } catch (OutcomeUnknownException | UnavailableException e) {
      journal.add(Kind.FILL_LOST, slotKey, Duration.ZERO, e);
      LOG.debug("{}: no answer to a fill", slotKey, e);
      return Optional.empty();
    }
  }

  private boolean concludeFill(
      Claim claim, Loaded<V> loaded, long fillEpoch, Optional<FillAnswer> answer) {
    if (isStored(answer)) {
      landStored(loaded, answer, fillEpoch);
      return true;
    }
    if (answer.isPresent() && answer.get() == FillAnswer.BEHIND) {
      // The source itself says less than it said before, as when a row was deleted and inserted
      // under a clock set back. It is the truth all the same, and is served without being cached.
      parts
          .behind()
          .warn(
              "{}: the source gave {}, which is below the slot's floor; not cached until the floor"
                  + " ends, {} after the write or the drop that made it",
              slotKey,
              versionOf(loaded.checked().parcel()),
              settings.floorLife());
      claim.abandon();
      landUncached(loaded, answer);
      return true;
    }
    return concludeRefused(loaded, answer);
  }

  private static String versionOf(Parcel parcel) {
    return parcel.version() == Version.NONE ? "an absence" : "version " + parcel.version();
  }

  /** Loads while an entry is present, which stays there for those who accept it. */
  private boolean loadAndRefresh() {
    Loaded<V> loaded = load(settings.source());
    Parcel.Entry entry = parts.rows().entryOf(loaded.checked().parcel());
    if (entry == null) {
      parts.dropInsteadOfRefresh(slotKey);
      landWithheld(loaded);
      return true;
    }
    long epoch = flight.advance();
    RefreshAnswer answer = parts.refresh(slotKey, entry);
    if (answer == RefreshAnswer.STORED) {
      landStored(loaded, Optional.of(FillAnswer.STORED), epoch);
      return true;
    }
    Optional<FillAnswer> refused = Optional.of(FillAnswer.REFUSED);
    if (purpose == Purpose.READ && answer == RefreshAnswer.DROPPED) {
      // It is what the source says, of a row that is gone for instance. The next reader finds
      // nothing
      // that it would have to be compared with, and caches it.
      landUncached(loaded, refused);
      return true;
    }
    return concludeRefused(loaded, refused);
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
  private void landStored(Loaded<V> loaded, Optional<FillAnswer> answer, long offerEpoch) {
    // Safeguard REFRESH_EPOCH: the source may have a newer row than the one that the store took.
    long epoch = purpose == Purpose.READ ? offerEpoch : loaded.epoch();
    land(loaded.row(), Origin.SOURCE_LOCK_HOLDER, true, answer, epoch);
  }

  /** Ends the flight with a row of the source, for those who joined before it was read. */
  private void landUncached(Loaded<V> loaded, Optional<FillAnswer> answer) {
    // Safeguard FLIGHT_EPOCH_OF_READ: since the source was asked, a write may have returned.
    land(loaded.row(), Origin.SOURCE_LOCK_HOLDER, true, answer, loaded.epoch());
  }

  /** Ends the flight with a row of the source that is not to be cached. */
  private void landWithheld(Loaded<V> loaded) {
    parts.throwIfRefused(slotKey, loaded);
    landUncached(loaded, Optional.empty());
  }

  private Loaded<V> load(Source<K, V> source) {
    return parts.sources().read(source, key, flight);
  }

  private void land(
      Copies<V> row, Origin origin, boolean lockAcquired, Optional<FillAnswer> fill, long epoch) {
    landing = new Landing<>(new Answer<>(row, origin, lockAcquired, looks, fill), epoch);
  }
}
