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

  Plan(Dice dice) {
    boolean lags = dice.permille(200);
    fallingVersions = !lags && dice.permille(60);
    replica = lags || fallingVersions;
    ties = !fallingVersions && dice.permille(500);
    slotsLast = replica;

    nodes = (int) dice.between(2, 4);
    keys = dice.permille(800) ? 1 : 2;
    callers = (int) dice.between(1, 4);
    operations = (int) dice.between(6, 22);
    busyNanos = dice.between(80, 800) * MILLI;
    faultsEndNanos = busyNanos;

    claimLife = Duration.ofMillis(fallingVersions ? 60_000 : dice.between(30, 90));
    maxLoadTime = claimLife.multipliedBy(dice.between(1, 4));
    long shortest = dice.between(40, 300) * MILLI;
    long lag = dice.between(10, 80);
    // Versions that fall are held back for the life of a floor, and for no longer.
    replicaLag = Duration.ofMillis(fallingVersions ? 60_000 : replica ? lag : 0);
    ttlJitter = slotsLast ? 0 : 0.1;
    ttl = life(dice);
    negativeTtl = life(dice);
    fallback = dice.oneOf(List.of(FallbackPolicy.values()));
    grace = grace(dice);
    pace = new Pace(dice);
    // Where nothing is wrong, a replica and the source are read in time, by a fast clock too.
    deadline = Duration.ofNanos(Math.max(shortest, 27 * pace.hopNanos + 3 * pace.loadNanos));

    deleteWithVersionPermille =
        lags ? 1000 : fallingVersions ? 0 : dice.oneOf(List.of(0, 0, 500, 1000));
    startsAbsent = dice.permille(250);
    mix = new OperationMix(dice, slotsLast);
    rates = new FaultRates(dice);
    events = new FaultEvents(dice, slotsLast);
    terms = new CallTerms(dice.split(), keepsExpired(), deadline);
    bursts = new Bursts(dice.split());
    uncacheablePermille = dice.split().some(150, 500);
    transactionPermille = dice.split().some(400, 700);
  }

  /** Whether there can be stale answers. */
  boolean keepsExpired() {
    return !grace.isZero();
  }

  private Duration grace(Dice dice) {
    return fallback == FallbackPolicy.STALE || dice.permille(300)
        ? Duration.ofMillis(dice.between(5, 100))
        : Duration.ZERO;
  }

  private Duration life(Dice dice) {
    return Duration.ofMillis(fallingVersions || dice.coin() ? 60_000 : dice.spread(2, 200));
  }
}
