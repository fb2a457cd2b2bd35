package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.DeadlineExceededException;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailedException;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.UncacheablePolicy;
import io.tidemark.engine.Flight.Landing;
import io.tidemark.engine.Flight.Seat;
import io.tidemark.engine.Rows.Expired;
import io.tidemark.engine.SourceReader.Uncached;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One caller's read: the slot first; on a miss, a seat on the key's flight; the slot again where
 * what the flight found is too old for this caller; and what the caller's policies say where the
 * usual way is closed. It never waits: it says which flight to wait for, and for how long, and is
 * told how that ended. For one thread at a time.
 */
final class ReadCall<K, V> {
  private final ReadPath<K, V> path;
  private final Parts<K, V> parts;
  private final CacheKey<K> key;
  private final SlotKey slotKey;
  private final Terms terms;
  private final long epoch;
  private final Stopwatch stopwatch;
  private final Deadline deadline;
  private final Deadline waitLimit;
  private final Deadline softLimit;
  private int looks;
  private Optional<Expired<V>> expired = Optional.empty();
  private @Nullable Seat<V> seat;
  private boolean fallingBack;

  /** Why the row is read past the lock, although that is to be had; null if it is not. */
  private @Nullable String notCached;

  /** Whether the wait limit came while the source was being asked: its answer is worth the rest. */
  private boolean keepsWaiting;

  private @Nullable Answer<V> answer;

  /** The row of the answer: this caller's own. */
  private @Nullable Row<V> row;

  ReadCall(ReadPath<K, V> path, Parts<K, V> parts, CacheKey<K> key, Terms terms) {
    this.path = path;
    this.parts = parts;
    this.key = key;
    this.slotKey = key.slot();
    this.terms = terms;
    this.epoch = parts.epochs().current();
    this.stopwatch = Stopwatch.start(parts.settings().ticker());
    this.deadline = terms.newDeadline(parts.settings().ticker());
    this.waitLimit = deadline.orAfter(terms.waitLimit());
    this.softLimit = terms.softTimeout() == null ? deadline : deadline.orAfter(terms.softTimeout());
  }

  SlotKey slotKey() {
    return slotKey;
  }

  Deadline deadline() {
    return deadline;
  }

  /** Whether {@link #result} has the answer; if not, {@link #flight} is to be waited for. */
  boolean isAnswered() {
    return answer != null;
  }

  /** The flight that will bring the answer, if this call is not answered. */
  Flight<V> flight() {
    return Objects.requireNonNull(seat).flight();
  }

  /** When to call {@link #waited}, unless the flight ends before. */
  Deadline waitUntil() {
    if (terms.softTimeout() != null && expired.isPresent()) {
      return softLimit;
    }
    boolean mayFallBack = terms.fallback() != FallbackPolicy.FAIL && !fallingBack && !keepsWaiting;
    return mayFallBack && !waitLimit.hasPassed() ? waitLimit : deadline;
  }

  /** Reads the slot, and takes a seat on a flight if it holds no entry. Blocks for the store. */
  void look() {
    boolean first = looks++ == 0;
    fallingBack = false;
    keepsWaiting = false;
    Slot slot;
    Optional<Row<V>> hit;
    try {
      slot = parts.settings().store().read(slotKey);
      hit = parts.rows().hit(slotKey, slot);
    } catch (UnavailableException e) {
      countMiss(first);
      fallBack(e);
      return;
    }
    if (hit.isPresent()) {
      found(hit.get(), first ? Origin.CACHE : Origin.CACHE_AFTER_WAIT);
      path.refreshAheadIfDue(key, slot, terms);
      return;
    }
    countMiss(first);
    expired = terms.mayServeStale() ? parts.rows().expired(slotKey, slot) : Optional.empty();
    Uncached uncached = parts.sources().uncached(slotKey);
    if (uncached == null) {
      seat = path.takeSeat(key, epoch, terms);
    } else {
      readUncached(uncached);
    }
  }

  /** The flight has landed: takes what it found, or looks again where that is too old. */
  void landed(Landing<V> landing) {
    if (!Objects.requireNonNull(seat).mayHave(landing)) {
      look();
      return;
    }
    row = landing.answer().copies().take();
    if (row == null) {
      // Of what cannot be decoded there is no copy, and another caller has the only one.
      readAlone();
    } else {
      answer = landing.answer();
    }
  }

  /** The flight has failed. */
  void failed(Throwable failure) {
    if (failure instanceof DeadlineExceededException && !isMyTimeUp()) {
      // The caller that started the flight was in more of a hurry than this one is.
      goOn();
    } else if (failure instanceof UnavailableException e) {
      fallBack(e);
    } else if (failure instanceof DeadlineExceededException e) {
      fallBack(e);
    } else if (failure instanceof LoadFailedException e) {
      serveStale(terms.onLoadFailure() == LoadFailurePolicy.STALE, e);
    } else {
      throw unchecked(slotKey, failure);
    }
  }

  /**
   * The moment that {@link #waitUntil} named has come, and the flight is still under way.
   *
   * @param moment that moment
   */
  void waited(Deadline moment) {
    boolean loading = flight().run().isLoading();
    if (moment == deadline) {
      boolean sourceFails = loading && terms.onLoadFailure() == LoadFailurePolicy.STALE;
      boolean mayServeStale = sourceFails || terms.fallback() == FallbackPolicy.STALE;
      serveStale(mayServeStale, withReason(late(terms.lock().deadline())));
    } else if (moment == softLimit) {
      softTimeoutIsOver();
    } else if (loading) {
      keepsWaiting = true;
    } else {
      fallBack(late(terms.waitLimit()));
    }
  }

  private void softTimeoutIsOver() {
    if (expired.orElseThrow().until().hasPassed()) {
      // The wait goes on, as without it.
      expired = Optional.empty();
    } else {
      found(expired.get().row(), Origin.CACHE_STALE);
    }
  }

  private DeadlineExceededException late(Duration limit) {
    return flight().run().late(slotKey, limit, parts.settings().obstacle());
  }

  /** What to tell the caller; only once it is answered. */
  ReadResult<V> result() {
    Answer<V> found = Objects.requireNonNull(answer);
    ReadResult<V> result =
        found.toResult(Objects.requireNonNull(row), stopwatch.elapsed(), looks - 1);
    parts.journal().add(kind(result.origin()), slotKey, result.latency());
    return result;
  }

  /** Says that the caller is thrown something. */
  void tellOfFailure(Throwable failure) {
    parts.journal().add(Kind.READ_FAILED, slotKey, stopwatch.elapsed(), failure);
  }

  /** Why a flight failed, as it is thrown to a caller. */
  static RuntimeException unchecked(SlotKey slotKey, Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return failure instanceof RuntimeException exception
        ? exception
        : new UnavailableException(slotKey, "the load was interrupted", failure);
  }

  private boolean isMyTimeUp() {
    return (fallingBack ? deadline : waitLimit).hasPassed();
  }

  private void goOn() {
    if (fallingBack) {
      seat = path.takeFallbackSeat(key, epoch, terms, deadline);
    } else {
      look();
    }
  }

  /** The usual way is closed: do what the policy says. */
  private void fallBack(TidemarkException closed) {
    TidemarkException cause = withReason(closed);
    switch (terms.fallback()) {
      case FAIL -> throw cause;
      case STALE -> serveStale(true, cause);
      case LOAD -> {
        if (fallingBack || deadline.hasPassed()) {
          serveStale(terms.onLoadFailure() == LoadFailurePolicy.STALE, cause);
        } else {
          fallingBack = true;
          seat = path.takeFallbackSeat(key, epoch, terms, deadline);
        }
      }
    }
  }

  /** Says of a read that waited for its turn past the lock why it had to. */
  private TidemarkException withReason(TidemarkException failure) {
    if (notCached == null || !fallingBack) {
      return failure;
    }
    String message =
        "%s; it is read past the lock, and not cached, because %s"
            .formatted(failure.withoutKey(), notCached);
    return failure instanceof DeadlineExceededException
        ? new DeadlineExceededException(slotKey, message, failure)
        : new UnavailableException(slotKey, message, failure);
  }

  private void serveStale(boolean allowed, TidemarkException otherwise) {
    if (!allowed || expired.isEmpty() || expired.get().until().hasPassed()) {
      throw otherwise;
    }
    found(expired.get().row(), Origin.CACHE_STALE);
  }

  private void found(Row<V> found, Origin origin) {
    answer = Answer.found(found, origin);
    row = found;
  }

  /** The row could not be cached just now: reads it past the lock, or says why not. */
  private void readUncached(Uncached uncached) {
    if (parts.settings().fallbacks().onUncacheable() == UncacheablePolicy.FAIL) {
      throw uncached.refusal().toException(slotKey);
    }
    notCached = uncached.refusal().reason();
    if (uncached.isForAll()) {
      fallingBack = true;
      seat = path.takeFallbackSeat(key, epoch, terms, deadline);
    } else {
      readAlone();
    }
  }

  private void readAlone() {
    fallingBack = true;
    Uncached uncached = parts.sources().uncached(slotKey);
    notCached = uncached == null ? notCached : uncached.refusal().reason();
    seat = path.takeOwnFallbackSeat(key, epoch, terms, deadline);
  }

  private void countMiss(boolean first) {
    if (first) {
      parts.journal().add(Kind.MISS, slotKey);
    }
  }

  private static Kind kind(Origin origin) {
    return switch (origin) {
      case CACHE -> Kind.READ_FROM_CACHE;
      case CACHE_AFTER_WAIT -> Kind.READ_AFTER_WAIT;
      case SOURCE_LOCK_HOLDER -> Kind.READ_BY_LOAD;
      case SOURCE_FALLBACK -> Kind.READ_BY_FALLBACK;
      case CACHE_STALE -> Kind.READ_STALE;
    };
  }
}
