package io.tidemark.proof.simulation;

import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.RefreshAhead;
import io.tidemark.WaitStrategy;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
  final LoadFailurePolicy onLoadFailure;
  final @Nullable Duration softTimeout;
  final @Nullable RefreshAhead refreshAhead;
  final WaitStrategy waitStrategy;
  final Duration lockOutageWait;
  final Duration replicaLag;
  final boolean replica;

  final long hopNanos;
  final long storeTimeoutNanos;
  final long lockTimeoutNanos;
  final long sessionNanos;
  final long loadNanos;
  final long thinkNanos;

  final boolean ties;
  final boolean fallingVersions;

  /** Whether the store forgets nothing before its time, where the promises rest on that. */
  final boolean slotsLast;

  final int deleteWithVersionPermille;
  final boolean startsAbsent;

  final int withoutThreadPermille;
  final int otherTermsPermille;
  final int weightRead;
  final int weightUpdate;
  final int weightPublish;
  final int weightSilentCommit;
  final int weightPublishAgain;
  final int weightInvalidate;
  final int weightClear;
  final int weightRefresh;
  final int weightClose;
  final int bestEffortPermille;
  final int deletePermille;

  final int requestRefusedPermille;
  final int requestLostPermille;
  final int replyLostPermille;
  final int replySlowPermille;
  final int requestLatePermille;
  final int requestTwicePermille;
  final int stallPermille;
  final int slowLoadPermille;
  final int failedLoadPermille;
  final int failedWritePermille;
  final int slowWritePermille;
  final int dropAfterSilentCommitPermille;
  final String faultyVerb;
  final int lateReleasePermille;

  final int evictions;
  final int damages;
  final int wipes;
  final int storeAways;
  final boolean storeAwayAtTheEnd;
  final int pauses;
  final int crashes;
  final int sessionLosses;
  final int lockAways;
  final int meddlers;
  final boolean drift;

  /** The foreign calls that may end with anything. */
  final Set<ForeignCall> bursting;

  final int burstPermille;
  final int refusedTaskPermille;
  final int droppedTaskPermille;

  final int uncacheablePermille;

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
    grace =
        fallback == FallbackPolicy.STALE || dice.permille(300)
            ? Duration.ofMillis(dice.between(5, 100))
            : Duration.ZERO;

    hopNanos = dice.spread(20 * MICRO, 2 * MILLI);
    storeTimeoutNanos = dice.between(8, 30) * MILLI;
    lockTimeoutNanos = dice.between(20, 60) * MILLI;
    sessionNanos = dice.between(20, 80) * MILLI;
    loadNanos = dice.spread(50 * MICRO, 8 * MILLI);
    // Where nothing is wrong, a replica and the source are read in time, by a fast clock too.
    deadline = Duration.ofNanos(Math.max(shortest, 27 * hopNanos + 3 * loadNanos));
    thinkNanos = dice.spread(200 * MICRO, 40 * MILLI);

    deleteWithVersionPermille =
        lags ? 1000 : fallingVersions ? 0 : dice.oneOf(List.of(0, 0, 500, 1000));
    startsAbsent = dice.permille(250);

    weightRead = (int) dice.between(3, 12);
    weightUpdate = some(dice, 700, 5);
    weightPublish = some(dice, 700, 5);
    weightSilentCommit = some(dice, 550, 5);
    weightPublishAgain = some(dice, 450, 6);
    weightInvalidate = some(dice, 350, 3);
    weightClear = slotsLast ? 0 : some(dice, 300, 3);
    weightRefresh = some(dice, 450, 4);
    weightClose = some(dice, 80, 1);
    bestEffortPermille = some(dice, 400, 900);
    deletePermille = dice.permille(400) ? 0 : (int) dice.between(100, 700);

    requestRefusedPermille = some(dice, 250, 80);
    requestLostPermille = some(dice, 250, 120);
    replyLostPermille = some(dice, 300, 150);
    replySlowPermille = some(dice, 400, 250);
    requestLatePermille = some(dice, 500, 400);
    requestTwicePermille = some(dice, 250, 200);
    stallPermille = some(dice, 500, 120);
    slowLoadPermille = some(dice, 650, 600);
    failedLoadPermille = some(dice, 200, 150);
    failedWritePermille = some(dice, 350, 400);
    slowWritePermille = some(dice, 600, 600);
    dropAfterSilentCommitPermille = some(dice, 800, 1000);
    faultyVerb = dice.oneOf(List.of("", "", "fill", "fill", "publish", "claim"));
    lateReleasePermille = some(dice, 250, 300);

    evictions = slotsLast ? 0 : some(dice, 400, 12);
    damages = slotsLast ? 0 : some(dice, 200, 4);
    wipes = slotsLast ? 0 : some(dice, 150, 2);
    storeAways = some(dice, 300, 3);
    storeAwayAtTheEnd = dice.permille(150);
    pauses = some(dice, 400, 5);
    crashes = some(dice, 250, 3);
    sessionLosses = some(dice, 450, 8);
    lockAways = some(dice, 200, 2);
    meddlers = some(dice, 750, 24);
    drift = dice.permille(250);

    Dice bad = dice.split();
    onLoadFailure =
        keepsExpired() && bad.permille(300) ? LoadFailurePolicy.STALE : LoadFailurePolicy.FAIL;
    softTimeout =
        keepsExpired() && bad.permille(300)
            ? Duration.ofMillis(bad.between(1, deadline.toMillis() - 1))
            : null;
    refreshAhead =
        !bad.permille(400)
            ? null
            : bad.coin() ? RefreshAhead.xFetch(10) : RefreshAhead.afterFraction(0.5);
    waitStrategy =
        bad.permille(700)
            ? WaitStrategy.eventDriven()
            : bad.coin()
                ? WaitStrategy.fixedInterval(Duration.ofMillis(bad.between(1, 20)))
                : WaitStrategy.exponentialBackoff(Duration.ofMillis(1), Duration.ofMillis(16), 0.5);
    lockOutageWait = Duration.ofMillis(some(bad, 300, 100));
    withoutThreadPermille = some(bad, 600, 1000);
    otherTermsPermille = some(bad, 400, 600);

    Dice foreign = dice.split();
    bursting = foreign.permille(300) ? someCalls(foreign) : Set.of();
    burstPermille = (int) foreign.spread(5, 200);
    refusedTaskPermille = foreign.permille(150) ? (int) foreign.spread(5, 300) : 0;
    droppedTaskPermille = foreign.permille(100) ? (int) foreign.spread(5, 100) : 0;

    uncacheablePermille = some(dice.split(), 150, 500);
  }

  /** Whether there can be stale answers. */
  boolean keepsExpired() {
    return !grace.isZero();
  }

  private Duration life(Dice dice) {
    return Duration.ofMillis(fallingVersions || dice.coin() ? 60_000 : dice.spread(2, 200));
  }

  /** One of them, most often, and by chance all. */
  private static Set<ForeignCall> someCalls(Dice dice) {
    return dice.permille(200)
        ? EnumSet.allOf(ForeignCall.class)
        : EnumSet.of(dice.oneOf(List.of(ForeignCall.values())));
  }

  /** With a chance, one or more; otherwise none. */
  private static int some(Dice dice, int permille, int most) {
    return dice.permille(permille) ? (int) dice.between(1, most) : 0;
  }
}
