package io.tidemark.engine;

import io.tidemark.DeadlineExceededException;
import io.tidemark.Origin;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.UnavailableException;
import io.tidemark.engine.Flight.Landing;
import io.tidemark.engine.LoadOrder.Purpose;
import io.tidemark.engine.LoadOutcome.LookAgain;
import io.tidemark.engine.LoadOutcome.Present;
import io.tidemark.engine.LoadOutcome.Refused;
import io.tidemark.engine.LoadOutcome.Stored;
import io.tidemark.engine.LoadOutcome.Unstored;
import io.tidemark.engine.SourceReader.Loaded;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads a row under its key's lock: acquires the lock or waits for its holder, makes an {@link
 * Attempt}, and looks at the slot, again and again until there is a row for the flight. Runs once,
 * on a thread that no caller waits for longer than it likes.
 *
 * <p>Each attempt acquires the lock anew, because each claim needs a fence of its own: if two
 * attempts shared one, a fill of the first that the network held back could pass for the second's.
 */
final class Load<K, V> {
  private static final Logger LOG = LoggerFactory.getLogger(Load.class);

  /** How many loaded rows the store may refuse before the callers get the last one uncached. */
  private static final int MAX_REFUSALS = 3;

  private final Settings<K, V> settings;
  private final EpochCounter epochs;
  private final Rows<V> rows;
  private final SourceReader<K, V> sources;
  private final Claims claims;
  private final Loader<K, V> loader;
  private final LoadOrder<K, V> order;
  private final SlotKey slotKey;
  private final Flight<V> flight;
  private final KeyWait wait;

  /** The rows that the store did not take. */
  private final List<Refused<V>> refusals = new ArrayList<>();

  private int looks;

  /**
   * Prepares a load.
   *
   * @param wait of the flight's own: the last to join has as much time as the first
   */
  Load(
      Settings<K, V> settings,
      EpochCounter epochs,
      Rows<V> rows,
      SourceReader<K, V> sources,
      Claims claims,
      Loader<K, V> loader,
      LoadOrder<K, V> order,
      KeyWait wait) {
    this.settings = settings;
    this.epochs = epochs;
    this.rows = rows;
    this.sources = sources;
    this.claims = claims;
    this.loader = loader;
    this.order = order;
    this.slotKey = order.key().slot();
    this.flight = order.flight();
    this.wait = wait;
  }

  /** Returns what the flight ends with, or null if it has ended: there is nobody to load for. */
  @Nullable Landing<V> fly() throws InterruptedException {
    if (wait.isOver()) {
      throw flight.noThread(slotKey, order.terms().waitLimit(), settings.obstacle());
    }
    if (order.purpose() == Purpose.READ) {
      sources.checkNotFailing(slotKey);
    }
    try {
      return flyUnderLocks();
    } catch (UnavailableException | DeadlineExceededException e) {
      if (refusals.isEmpty()) {
        throw e;
      }
      LOG.debug("{}: no way to try again, so the last row is served uncached", slotKey, e);
      return landUncached(refusals.get(refusals.size() - 1).loaded(), Optional.empty());
    }
  }

  private @Nullable Landing<V> flyUnderLocks() throws InterruptedException {
    Landing<V> landing = null;
    // Safeguard FENCE_PER_ATTEMPT: under a shared fence, a late fill passes for the next attempt's.
    while (landing == null && !flight.hasEnded()) {
      HeldLock lock = wait.acquireOrAwait();
      if (lock != null) {
        landing = land(attempt(lock));
      }
      if (landing == null && !flight.hasEnded()) {
        landing = look();
      }
    }
    return landing;
  }

  private LoadOutcome<V> attempt(HeldLock lock) throws InterruptedException {
    try (lock) {
      flight.beginAttempt(lock);
      // Given up while the lock service did not answer: there is nobody to load it for.
      return flight.hasEnded() ? new LookAgain<>() : newAttempt(lock).make();
    } catch (OutcomeUnknownException e) {
      LOG.debug("{}: the store's answer was lost; trying again under a new fence", slotKey, e);
      wait.pause(settings.ticker().nanos(), null);
      return new LookAgain<>();
    } finally {
      flight.endAttempt();
    }
  }

  /**
   * A row that lags will not do for a refresh, which promises the source. And once the store has
   * not taken a row, only the source can be trusted to have a newer one.
   */
  private Attempt<K, V> newAttempt(HeldLock lock) {
    boolean mayLag = order.purpose() == Purpose.READ && refusals.isEmpty();
    return new Attempt<>(
        order, lock, wait, mayLag, claims, rows, loader, epochs, settings.ticker());
  }

  /** Looks at the slot, which may hold an entry by now. */
  private @Nullable Landing<V> look() {
    looks++;
    if (order.purpose() == Purpose.REFRESH) {
      return null;
    }
    long epoch = epochs.advance();
    Copies<V> hit = rows.hitForAll(slotKey, settings.store().read(slotKey)).orElse(null);
    if (hit == null) {
      return null;
    }
    // Safeguard HIT_EPOCH: since the slot was read, a write may have returned.
    return land(hit, Origin.CACHE_AFTER_WAIT, false, Optional.empty(), epoch);
  }

  /** What an attempt has brought for the flight, or null if there has to be another. */
  private @Nullable Landing<V> land(LoadOutcome<V> outcome) {
    if (outcome instanceof Present<V> present) {
      return land(present.row(), Origin.CACHE_AFTER_WAIT, true, Optional.empty(), present.epoch());
    }
    if (outcome instanceof Stored<V> stored) {
      return landStored(stored);
    }
    if (outcome instanceof Unstored<V> unstored) {
      return landUncached(unstored.loaded(), unstored.answer());
    }
    if (outcome instanceof Refused<V> refused) {
      refusals.add(refused);
      return refusals.size() < MAX_REFUSALS
          ? null
          : landUncached(refused.loaded(), refused.answer());
    }
    return null;
  }

  /**
   * Ends the flight with a row that the store took: for a read, by the epoch in which it was
   * offered. Callers that asked for a refresh may have it only if they joined before it was read:
   * that the store took it does not tell whether the row has changed in the source.
   */
  private Landing<V> landStored(Stored<V> stored) {
    Loaded<V> loaded = stored.loaded();
    // Safeguard REFRESH_EPOCH: the source may have a newer row than the one that the store took.
    long epoch = order.purpose() == Purpose.READ ? stored.epoch() : loaded.epoch();
    return land(
        loaded.row(), Origin.SOURCE_LOCK_HOLDER, true, Optional.of(FillAnswer.STORED), epoch);
  }

  /** Ends the flight with a row of the source, for those who joined before it was read. */
  private Landing<V> landUncached(Loaded<V> loaded, Optional<FillAnswer> answer) {
    // Safeguard FLIGHT_EPOCH_OF_READ: since the source was asked, a write may have returned.
    return land(loaded.row(), Origin.SOURCE_LOCK_HOLDER, true, answer, loaded.epoch());
  }

  private Landing<V> land(
      Copies<V> row, Origin origin, boolean lockAcquired, Optional<FillAnswer> fill, long epoch) {
    return new Landing<>(new Answer<>(row, origin, lockAcquired, looks, fill), epoch);
  }
}
