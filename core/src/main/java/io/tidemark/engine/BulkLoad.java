package io.tidemark.engine;

import io.tidemark.DeadlineExceededException;
import io.tidemark.Origin;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.engine.Flight.Landing;
import io.tidemark.engine.LoadOutcome.LookAgain;
import io.tidemark.engine.LoadOutcome.Present;
import io.tidemark.engine.LoadOutcome.Stored;
import io.tidemark.engine.LoadOutcome.Unstored;
import io.tidemark.engine.SourceReader.Loaded;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Loads the rows of many keys without their locks: an attempt claims by a ballot what nobody else
 * has claimed, reads those rows, and offers them. It waits for the others' keys only when it holds
 * no claim, so that two loads never wait for each other, in whatever order they have their keys.
 * While it waits it only looks at their slots, and tries those again that are not claimed any more.
 * What is not as simple, such as an entry that cannot be decoded or a fill that was refused, goes
 * on by itself, under the key's lock. Runs once.
 */
final class BulkLoad<K, V> {
  private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(80);

  private final Settings<K, V> settings;
  private final EpochCounter epochs;
  private final Rows<V> rows;
  private final SourceReader<K, V> sources;
  private final Claims claims;
  private final BulkLoader<K, V> loader;
  private final FlightGroup<K, V> group;
  private final LoadRun run;
  private final Terms terms;
  private final Deadline deadline;

  /** What is still to be loaded. */
  private final Map<SlotKey, LoadOrder<K, V>> open = new LinkedHashMap<>();

  /** The claims that keep this load from its keys, as it last saw them. */
  private final Map<SlotKey, Slot.Pending> inTheWay = new HashMap<>();

  /** How many keys an attempt has at most; one once the source has failed for many. */
  private int keysAtOnce;

  private int looks;

  /**
   * Prepares a load; its time begins now.
   *
   * @param orders one or more, on the same terms
   * @param group they share its run
   * @param keysAtOnce how many keys an attempt has at most
   */
  BulkLoad(
      Settings<K, V> settings,
      EpochCounter epochs,
      Rows<V> rows,
      SourceReader<K, V> sources,
      Claims claims,
      BulkLoader<K, V> loader,
      List<LoadOrder<K, V>> orders,
      FlightGroup<K, V> group,
      int keysAtOnce) {
    this.settings = settings;
    this.epochs = epochs;
    this.rows = rows;
    this.sources = sources;
    this.claims = claims;
    this.loader = loader;
    this.group = group;
    this.run = group.run();
    this.terms = orders.get(0).terms();
    this.keysAtOnce = keysAtOnce;
    this.deadline = terms.newDeadline(settings.ticker()).orAfter(terms.waitLimit());
    orders.forEach(order -> open.put(order.key().slot(), order));
  }

  /** Lands or fails every flight, or has it go on alone. */
  void fly() throws InterruptedException {
    if (deadline.hasPassed()) {
      SlotKey first = open.keySet().iterator().next();
      throw run.noThread(first, terms.waitLimit(), settings.obstacle());
    }
    failThoseThatFailed();
    long pauseNanos = SHORTEST_PAUSE_NANOS;
    while (!open.isEmpty() && !run.hasEnded()) {
      int before = open.size();
      look();
      tryAll();
      looks++;
      if (open.size() < before) {
        pauseNanos = SHORTEST_PAUSE_NANOS;
      } else {
        // With empty hands: loads that wait with claims can wait for each other for ever.
        deadline.sleep(pauseNanos);
        pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
      }
      // Others may wait for some of them that this load had not come to.
      open.keySet().removeIf(key -> !group.has(key));
      failThoseThatAreLate();
    }
  }

  private void failThoseThatFailed() {
    for (SlotKey key : List.copyOf(open.keySet())) {
      try {
        sources.checkNotFailing(key);
      } catch (RuntimeException | Error e) {
        fail(key, e);
      }
    }
  }

  private void failThoseThatAreLate() {
    if (deadline.hasPassed()) {
      for (SlotKey key : List.copyOf(open.keySet())) {
        Slot.Pending claim = inTheWay.get(key);
        fail(
            key,
            claim == null
                ? outOfTurn(key)
                : KeyWait.noClaim(settings, key, terms.waitLimit(), claim));
      }
    }
  }

  private DeadlineExceededException outOfTurn(SlotKey key) {
    return new DeadlineExceededException(
        key,
        "its turn among the keys of its call did not come within "
            + terms.waitLimit()
            + settings.obstacle(),
        null);
  }

  /** Looks at the slots that others have claimed: what is an entry by now, lands. */
  private void look() {
    List<SlotKey> waiting = open.keySet().stream().filter(inTheWay::containsKey).toList();
    if (waiting.isEmpty()) {
      return;
    }
    long epoch = epochs.advance();
    List<Reply<Slot>> slots = settings.store().readAll(waiting);
    for (int i = 0; i < waiting.size(); i++) {
      SlotKey key = waiting.get(i);
      Reply<Slot> reply = slots.get(i);
      // As to a failure, the claim that is tried next tells what is to be done about it.
      inTheWay.remove(key);
      if (reply instanceof Reply.Answered<Slot> answered) {
        Slot slot = answered.answer();
        Slot.Pending claim = slot.claim();
        if (slot.isHit()) {
          settle(key, Failures.replyOf(() -> onEntry(key, slot, epoch)));
        } else if (claim != null) {
          inTheWay.put(key, claim);
        }
      }
    }
  }

  private void tryAll() {
    List<CacheKey<K>> keys =
        open.values().stream()
            .map(LoadOrder::key)
            .filter(key -> !inTheWay.containsKey(key.slot()))
            .toList();
    int from = 0;
    while (from < keys.size() && !run.hasEnded() && !deadline.hasPassed()) {
      List<CacheKey<K>> some = keys.subList(from, Math.min(from + keysAtOnce, keys.size()));
      from += some.size();
      tryTogether(some);
    }
  }

  private void tryTogether(List<CacheKey<K>> keys) {
    List<CacheKey<K>> left = group.beginAttempt(keys);
    try {
      if (!left.isEmpty()) {
        attempt(left);
      }
    } catch (RuntimeException | Error e) {
      if (left.size() > 1) {
        throw e;
      }
      fail(left.get(0).slot(), e);
    } finally {
      run.endAttempt();
    }
  }

  private void attempt(List<CacheKey<K>> keys) {
    Map<SlotKey, Reply<LoadOutcome<V>>> outcomes = new LinkedHashMap<>();
    long epoch = epochs.advance();
    try (BulkClaim claim =
        claims.takeAll(keys.stream().map(CacheKey::slot).toList(), terms.profile())) {
      try {
        sort(keys, claim, epoch, outcomes);
      } catch (Throwable t) {
        claim.abandon();
        throw t;
      }
    }
    // Not before the claims are gone: in other processes, too, callers wait for that.
    outcomes.forEach(this::settle);
  }

  /** Loads what was claimed, and tells what came of that and of the rest. */
  private void sort(
      List<CacheKey<K>> keys,
      BulkClaim claim,
      long epoch,
      Map<SlotKey, Reply<LoadOutcome<V>>> outcomes) {
    List<CacheKey<K>> mine = new ArrayList<>();
    List<SlotKey> unknown = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      SlotKey key = keys.get(i).slot();
      Reply<ClaimAnswer> reply = claim.answers().get(i);
      if (reply instanceof Reply.Failed<ClaimAnswer> failed) {
        if (failed.failure() instanceof OutcomeUnknownException) {
          unknown.add(key);
        } else {
          outcomes.put(key, new Reply.Failed<>(failed.failure()));
        }
      } else if (reply.get() instanceof ClaimAnswer.Hit hit) {
        outcomes.put(key, Failures.replyOf(() -> onEntry(key, hit.slot(), epoch)));
      } else if (reply.get() instanceof ClaimAnswer.Lost lost) {
        inTheWay.put(key, lost.claim());
      } else {
        mine.add(keys.get(i));
      }
    }
    claim.abandon(unknown);
    outcomes.putAll(load(mine, claim));
  }

  private Map<SlotKey, Reply<LoadOutcome<V>>> load(List<CacheKey<K>> mine, BulkClaim claim) {
    if (mine.isEmpty()) {
      return Map.of();
    }
    List<CacheKey<K>> unused = group.workOn(mine);
    Map<SlotKey, Reply<LoadOutcome<V>>> outcomes = loader.load(mine, claim, run);
    if (outcomes.isEmpty()) {
      // One by one from now on, each in an attempt of its own, so that only the broken ones fail.
      keysAtOnce = 1;
    }
    return outcomes;
  }

  /** There is an entry, which may have expired since, or cannot be decoded. */
  private LoadOutcome<V> onEntry(SlotKey key, Slot slot, long epoch) {
    Optional<Copies<V>> hit = rows.hitForAll(key, slot);
    return hit.isPresent() ? new Present<>(hit.get(), epoch) : new LookAgain<>();
  }

  private void settle(SlotKey key, Reply<LoadOutcome<V>> reply) {
    if (reply instanceof Reply.Failed<LoadOutcome<V>> failed) {
      fail(key, Failures.thrown(failed));
      return;
    }
    LoadOrder<K, V> order = Objects.requireNonNull(open.remove(key));
    LoadOutcome<V> outcome = reply.get();
    if (outcome instanceof Present<V> present) {
      // Safeguard EPOCH_OF_BULK_HIT: since the slot was read, a write may have returned.
      land(order, present.row(), Origin.CACHE_AFTER_WAIT, Optional.empty(), present.epoch());
    } else if (outcome instanceof Stored<V> stored) {
      landLoaded(order, stored.loaded(), Optional.of(FillAnswer.STORED), stored.epoch());
    } else if (outcome instanceof Unstored<V> unstored) {
      // Safeguard EPOCH_OF_BULK_READ: since the source was asked, a write may have returned.
      landLoaded(order, unstored.loaded(), unstored.answer(), unstored.loaded().epoch());
    } else {
      group.goAlone(order);
    }
  }

  private void landLoaded(
      LoadOrder<K, V> order, Loaded<V> loaded, Optional<FillAnswer> fill, long epoch) {
    land(order, loaded.row(), Origin.SOURCE_LOCK_HOLDER, fill, epoch);
  }

  private void land(
      LoadOrder<K, V> order, Copies<V> row, Origin origin, Optional<FillAnswer> fill, long epoch) {
    order.flight().land(new Landing<>(new Answer<>(row, origin, false, looks, fill), epoch));
  }

  private void fail(SlotKey key, Throwable failure) {
    Objects.requireNonNull(open.remove(key)).flight().fail(failure);
  }
}
