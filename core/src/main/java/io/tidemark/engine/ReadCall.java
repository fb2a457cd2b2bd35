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
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One caller's read: the slot first; on a miss, a seat on the key's flight; the slot again where
 * what the flight found is too old for this caller; and what the caller's policies say where the
 * usual way is closed. If the key is bypassed, the source and nothing else.
 */
final class ReadCall<K, V> implements Call<V, ReadResult<V>> {
  private final Settings<K, V> settings;
  private final Journal journal;
  private final Rows<V> rows;
  private final SourceReader<K, V> sources;
  private final Boarding<K, V> flights;
  private final CacheKey<K> key;
  private final Terms terms;
  private final Caller caller;

  /** Where the row is read past the cache, if it is. */
  private final Boarding.Kind pastTheCache;

  private int looks;
  private Optional<Expired<V>> expired = Optional.empty();
  private @Nullable Seat<V> seat;
  private boolean fallingBack;

  /** Why the row is read past the lock, although that is to be had; null if it is not. */
  private @Nullable Uncached notCached;

  /** Whether the wait limit came while the source was being asked: its answer is worth the rest. */
  private boolean keepsWaiting;

  /** The row to answer with, this caller's own; null before. */
  private @Nullable Row<V> row;

  /** What the row is a copy of, once there is one. */
  private @Nullable Answer<V> answer;

  /**
   * Prepares a call.
   *
   * @param isBypassed whether it reads the source and leaves the slot alone
   */
  ReadCall(
      Settings<K, V> settings,
      Journal journal,
      Rows<V> rows,
      SourceReader<K, V> sources,
      Boarding<K, V> flights,
      CacheKey<K> key,
      boolean isBypassed,
      Caller caller) {
    this.settings = settings;
    this.journal = journal;
    this.rows = rows;
    this.sources = sources;
    this.flights = flights;
    this.key = key;
    this.pastTheCache = isBypassed ? Boarding.Kind.BYPASS : Boarding.Kind.FALLBACK;
    this.caller = caller;
    this.terms = caller.terms();
  }

  @Override
  public SlotKey slotKey() {
    return key.slot();
  }

  @Override
  public Deadline deadline() {
    return caller.deadline();
  }

  @Override
  public boolean isAnswered() {
    return row != null;
  }

  @Override
  public Flight<V> flight() {
    return Objects.requireNonNull(seat).flight();
  }

  @Override
  public Deadline waitUntil() {
    if (terms.softTimeout() != null && expired.isPresent()) {
      return caller.softLimit();
    }
    boolean mayFallBack = terms.fallback() != FallbackPolicy.FAIL && !fallingBack && !keepsWaiting;
    // Safeguard DEADLINE_OF_CALLER: the flight may take longer than this caller can wait.
    return mayFallBack && !caller.waitLimit().hasPassed() ? caller.waitLimit() : deadline();
  }

  /** Whether the call leaves the slot alone. */
  boolean isBypassed() {
    return pastTheCache == Boarding.Kind.BYPASS;
  }

  /** Reads the slot, and takes a seat on a flight if it holds no entry. */
  @Override
  public void look() {
    if (isBypassed()) {
      readSource();
    } else {
      saw(Reply.of(() -> settings.store().read(key.slot())));
    }
  }

  /** Takes a seat on a flight past the cache; to be called if this one is bypassed. */
  void readSource() {
    fallingBack = true;
    Uncached uncached = sources.uncached(key.slot());
    if (uncached == null) {
      seat = flights.takeSeat(pastTheCache, key, caller);
    } else {
      readUncached(uncached);
    }
  }

  /** Goes on with what was read from the slot just now. */
  void saw(Reply<Slot> reply) {
    boolean first = looks++ == 0;
    fallingBack = false;
    keepsWaiting = false;
    Slot slot;
    Optional<Row<V>> hit;
    try {
      slot = reply.get();
      hit = rows.hit(key.slot(), slot);
    } catch (UnavailableException e) {
      countMiss(first);
      fallBack(e);
      return;
    }
    if (hit.isPresent()) {
      found(hit.get(), first ? Origin.CACHE : Origin.CACHE_AFTER_WAIT);
      flights.refreshIfDue(key, slot, terms);
      return;
    }
    countMiss(first);
    expired = terms.mayServeStale() ? rows.expired(key.slot(), slot) : Optional.empty();
    Uncached uncached = sources.uncached(key.slot());
    if (uncached == null) {
      seat = flights.takeSeat(Boarding.Kind.READ, key, caller, slot.claim() != null);
    } else {
      readUncached(uncached);
    }
  }

  /** Takes what the flight found, or looks again where that is too old. */
  @Override
  public void landed(Landing<V> landing) {
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

  @Override
  public void failed(Throwable failure) {
    if (failure instanceof DeadlineExceededException
        && !(fallingBack ? deadline() : caller.waitLimit()).hasPassed()) {
      // The caller that started the flight was in more of a hurry than this one is.
      goOn();
    } else if (failure instanceof UnavailableException e) {
      fallBack(e);
    } else if (failure instanceof DeadlineExceededException e) {
      fallBack(e);
    } else if (failure instanceof LoadFailedException e) {
      serveStale(terms.onLoadFailure() == LoadFailurePolicy.STALE, e);
    } else {
      throw Flight.unchecked(key.slot(), failure);
    }
  }

  @Override
  public void waited(Deadline moment) {
    boolean loading = flight().run().isLoading();
    if (moment == deadline()) {
      boolean sourceFails = loading && terms.onLoadFailure() == LoadFailurePolicy.STALE;
      boolean mayServeStale = sourceFails || terms.fallback() == FallbackPolicy.STALE;
      serveStale(mayServeStale, withReason(late(terms.profile().deadline())));
    } else if (moment == caller.softLimit()) {
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
    return flight().run().late(key.slot(), limit, settings.obstacle());
  }

  @Override
  public ReadResult<V> result() {
    return result(caller.stopwatch().elapsed());
  }

  /** The result, given how long the caller has waited for it. */
  ReadResult<V> result(Duration latency) {
    ReadResult<V> result =
        Objects.requireNonNull(answer)
            .toResult(Objects.requireNonNull(row), latency, Math.max(0, looks - 1));
    journal.addRead(result.origin(), key.slot(), latency);
    return result;
  }

  @Override
  public void tellOfFailure(Throwable failure) {
    journal.add(Kind.READ_FAILED, key.slot(), caller.stopwatch().elapsed(), failure);
  }

  private void goOn() {
    if (fallingBack) {
      seat = flights.takeSeat(pastTheCache, key, caller);
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
        if (fallingBack || deadline().hasPassed()) {
          serveStale(terms.onLoadFailure() == LoadFailurePolicy.STALE, cause);
        } else {
          fallingBack = true;
          seat = flights.takeSeat(pastTheCache, key, caller);
        }
      }
    }
  }

  /** Says of a read that waited for its turn past the lock why it had to. */
  private TidemarkException withReason(TidemarkException failure) {
    return notCached == null || !fallingBack ? failure : notCached.explain(key.slot(), failure);
  }

  private void serveStale(boolean allowed, TidemarkException otherwise) {
    if (!allowed || expired.isEmpty() || expired.get().until().hasPassed()) {
      throw otherwise;
    }
    found(expired.get().row(), Origin.CACHE_STALE);
  }

  private void found(Row<V> found, Origin origin) {
    row = found;
    answer = new Answer<>(new Copies.Shared<>(found), origin, false, 0, Optional.empty());
  }

  /** The row could not be cached just now: reads it past the lock, or says why not. */
  private void readUncached(Uncached uncached) {
    if (settings.fallbacks().onUncacheable() == UncacheablePolicy.FAIL) {
      throw uncached.refusal().toException(key.slot());
    }
    notCached = uncached;
    if (uncached.isForAll()) {
      fallingBack = true;
      seat = flights.takeSeat(pastTheCache, key, caller);
    } else {
      readAlone();
    }
  }

  private void readAlone() {
    fallingBack = true;
    Uncached uncached = sources.uncached(key.slot());
    notCached = uncached == null ? notCached : uncached;
    seat = flights.takeOwnSeat(pastTheCache, key, caller);
  }

  private void countMiss(boolean first) {
    if (first) {
      journal.add(Kind.MISS, key.slot());
    }
  }
}
