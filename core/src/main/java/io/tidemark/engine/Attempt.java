package io.tidemark.engine;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.UnavailableException;
import io.tidemark.engine.LoadOrder.Purpose;
import io.tidemark.engine.LoadOutcome.LookAgain;
import io.tidemark.engine.LoadOutcome.Present;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Ticker;
import java.util.Optional;

/**
 * One attempt of a load, under one lock and its fence: claims the slot, loads, and offers the row.
 * Runs once.
 */
final class Attempt<K, V> {
  private final LoadOrder<K, V> order;
  private final HeldLock lock;
  private final KeyWait wait;
  private final boolean mayLag;
  private final Claims claims;
  private final Rows<V> rows;
  private final Loader<K, V> loader;
  private final EpochCounter epochs;
  private final Ticker ticker;

  /**
   * Prepares an attempt.
   *
   * @param wait bounds the pause after a claim that was lost
   * @param mayLag whether a row of the replica will do
   */
  Attempt(
      LoadOrder<K, V> order,
      HeldLock lock,
      KeyWait wait,
      boolean mayLag,
      Claims claims,
      Rows<V> rows,
      Loader<K, V> loader,
      EpochCounter epochs,
      Ticker ticker) {
    this.order = order;
    this.lock = lock;
    this.wait = wait;
    this.mayLag = mayLag;
    this.claims = claims;
    this.rows = rows;
    this.loader = loader;
    this.epochs = epochs;
    this.ticker = ticker;
  }

  /**
   * Makes the attempt.
   *
   * @throws OutcomeUnknownException if the store's answer to the claim was lost
   * @throws UnavailableException if the store is away; what the source throws is thrown as well
   */
  LoadOutcome<V> make() throws InterruptedException {
    long epoch = epochs.advance();
    ClaimOutcome outcome = claims.take(lock, ClaimMode.UNLESS_PRESENT, order.terms().profile());
    if (outcome instanceof ClaimOutcome.Taken taken) {
      return fill(taken.claim());
    }
    if (outcome instanceof ClaimOutcome.Reserved reserved) {
      return refresh(reserved.claim());
    }
    if (outcome instanceof ClaimOutcome.Lost lost) {
      wait.pauseAfter(lost.claim(), ticker.nanos());
      return new LookAgain<>();
    }
    return onEntry(((ClaimOutcome.Present) outcome).slot(), epoch);
  }

  /** There is an entry, which was fresh just now. */
  private LoadOutcome<V> onEntry(Slot slot, long epoch) {
    if (order.purpose() == Purpose.REFRESH) {
      return refresh();
    }
    Optional<Copies<V>> hit = rows.hitForAll(lock.key(), slot);
    if (hit.isPresent()) {
      return new Present<>(hit.get(), epoch);
    }
    return slot.isHit() ? replace() : refresh();
  }

  /**
   * An entry that cannot be decoded makes room for one that can. The claim before has changed
   * nothing, so this is the first with its fence.
   */
  private LoadOutcome<V> replace() {
    return claims.take(lock, ClaimMode.ALWAYS, order.terms().profile())
            instanceof ClaimOutcome.Taken taken
        ? fill(taken.claim())
        : new LookAgain<>();
  }

  private LoadOutcome<V> fill(Claim claim) {
    try (claim) {
      return loader.fill(order, claim, mayLag);
    }
  }

  private LoadOutcome<V> refresh(Claim reservation) {
    try (reservation) {
      try {
        return refresh();
      } catch (Throwable t) {
        reservation.abandon();
        throw t;
      }
    }
  }

  private LoadOutcome<V> refresh() {
    return loader.refresh(order.key(), order.flight(), order.purpose());
  }
}
