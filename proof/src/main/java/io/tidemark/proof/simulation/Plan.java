package io.tidemark.proof.simulation;

import io.tidemark.FallbackPolicy;
import java.time.Duration;
import java.util.List;

/**
 * What kind of world a seed has: how many processes, how fast, which faults and which operations.
 * Each run has only some of them, drawn at random ("swarm testing": Groce and others, ISSTA 2012),
 * because most mistakes show best where other faults do not cover them. Immutable.
 */
final class Plan {
  static final long MICRO = 1_000;
  static final long MILLI = 1_000_000;
  static final int MOST_KEYS = 6;

  private static final Duration AGES = Duration.ofMinutes(1);

  /**
   * Whether nothing goes wrong and nothing is written, there is time for everything, and many keys
   * are read that soon expire: then each row has one load at a time in the fleet.
   */
  final boolean calm;

  final int nodes;
  final int keys;
  final int callers;
  final int operations;
  final long busyNanos;
  final long faultsEndNanos;

  final Duration claimLife;
  final Duration maxLoadTime;
  final Duration deadline;
  final Duration ttl;
  final Duration negativeTtl;
  final double ttlJitter;
  final Duration grace;
  final FallbackPolicy fallback;
  final Duration replicaLag;
  final boolean replica;

  final CallTerms terms;
  final Pace pace;

  final boolean ties;
  final boolean fallingVersions;

  /** Whether the store forgets nothing before its time, where the promises rest on that. */
  final boolean slotsLast;

  final int deleteWithVersionPermille;
  final boolean startsAbsent;

  final OperationMix mix;
  final FaultRates rates;
  final FaultEvents events;
  final Bursts bursts;
  final int uncacheablePermille;

  /** How many updates are made in a transaction that outlasts them. */
  final int transactionPermille;

  final List<RolloutChange> rollouts;

  final List<ServerChange> serverChanges;

  Plan(Dice fair) {
    calm = fair.permille(60);
    Dice dice = calm ? fair.loaded() : fair;
    boolean lags = dice.permille(200);
    fallingVersions = !lags && dice.permille(60);
    replica = lags || fallingVersions;
    ties = !fallingVersions && dice.permille(500);
    slotsLast = replica;

    nodes = (int) dice.between(2, 4);
    keys = keys(dice);
    callers = (int) dice.between(1, 4);
    operations = (int) dice.between(6, 22);
    busyNanos = dice.between(80, 800) * MILLI;
    faultsEndNanos = busyNanos;

    claimLife = Duration.ofMillis(fallingVersions ? 60_000 : dice.between(30, 90));
    long claims = dice.between(1, 4);
    long patience = dice.between(40, 300) * MILLI;
    replicaLag = replicaLag(dice.between(10, 80));
    ttlJitter = slotsLast ? 0 : 0.1;
    ttl = life(dice);
    negativeTtl = life(dice);
    fallback = calm ? FallbackPolicy.FAIL : dice.oneOf(List.of(FallbackPolicy.values()));
    grace = grace(fair);
    pace = new Pace(dice);
    maxLoadTime = maxLoadTime(claims);
    deadline = deadline(patience);

    deleteWithVersionPermille = deletesWithVersion(dice, lags);
    startsAbsent = dice.permille(250);
    mix = new OperationMix(dice, slotsLast, keys <= 2);
    rates = new FaultRates(dice);
    events = new FaultEvents(dice, slotsLast);
    terms = new CallTerms(dice.split(), keepsExpired(), deadline);
    bursts = new Bursts(dice.split());
    uncacheablePermille = dice.split().some(150, 500);
    transactionPermille = dice.split().some(400, 700);
    rollouts = RolloutChange.some(dice.split(), nodes, busyNanos);
    serverChanges = ServerChange.some(dice.split(), lags, !fallingVersions, busyNanos);
  }

  /** Whether there can be stale answers. */
  boolean keepsExpired() {
    return !grace.isZero();
  }

  /** Few keys see more at each, and many are loaded together. */
  private int keys(Dice dice) {
    if (!calm && dice.coin()) {
      return 1;
    }
    return dice.permille(300) ? 2 : (int) dice.between(3, MOST_KEYS);
  }

  /** Versions that fall are held back for the life of a floor, and for no longer. */
  private Duration replicaLag(long millis) {
    return Duration.ofMillis(fallingVersions ? 60_000 : replica ? millis : 0);
  }

  /** Where nothing is wrong, all rows are read in one attempt, by a fast clock too. */
  private Duration maxLoadTime(long claims) {
    Duration enough = Duration.ofNanos((2L * keys * pace.loadNanos + 12 * pace.hopNanos) * 3 / 2);
    Duration some = claimLife.multipliedBy(claims);
    return calm ? AGES : enough.compareTo(some) > 0 ? enough : some;
  }

  private int deletesWithVersion(Dice dice, boolean lags) {
    return lags ? 1000 : fallingVersions ? 0 : dice.oneOf(List.of(0, 0, 500, 1000));
  }

  /** Where nothing is wrong, a replica and the source are read in time, by a fast clock too. */
  private Duration deadline(long nanos) {
    long enough = 27 * pace.hopNanos + (1 + 2 * keys) * pace.loadNanos;
    return calm ? AGES : Duration.ofNanos(Math.max(nanos, enough));
  }

  /** Where nothing is wrong, no entry is gone in the middle of its load, which costs another. */
  private Duration grace(Dice dice) {
    if (calm) {
      return dice.permille(700) ? AGES : Duration.ZERO;
    }
    return fallback == FallbackPolicy.STALE || dice.permille(300)
        ? Duration.ofMillis(dice.between(5, 100))
        : Duration.ZERO;
  }

  private Duration life(Dice dice) {
    boolean isLong = fallingVersions || (!calm && dice.coin());
    return Duration.ofMillis(isLong ? 60_000 : dice.spread(2, 200));
  }
}
