package io.tidemark.proof.histories;

import io.tidemark.proof.histories.FaultKind.Victim;
import io.tidemark.servers.ZooKeeperServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/**
 * Which faults happen when, all of it from one seed: the same seed, duration and number of workers
 * give the same plan. Every kind comes once before any comes again. Immutable.
 *
 * @param faults in the order of their beginnings; all end within the duration
 */
record FaultPlan(List<Fault> faults) {
  private static final int FIRST_MILLIS = 300;
  private static final int LONGEST_MEAN_GAP_MILLIS = 750;

  /** The part of a run in which the first fault of each kind begins. */
  private static final double FIRST_ROUND = 0.5;

  /**
   * One fault.
   *
   * @param kind what happens
   * @param victim the number of the worker or the ZooKeeper server, from 0
   * @param beginMillis when it begins, from the start of the load
   * @param endMillis when it ends
   * @param seed for what the fault itself chooses
   */
  record Fault(FaultKind kind, int victim, long beginMillis, long endMillis, long seed) {
    @Override
    public String toString() {
      return "%d-%d ms %s %d".formatted(beginMillis, endMillis, kind, victim);
    }
  }

  /**
   * Plans the faults of a run.
   *
   * @param kinds what may happen
   */
  static FaultPlan of(long seed, Duration duration, int workers, Set<FaultKind> kinds) {
    Random random = new Random(seed);
    List<Fault> faults = new ArrayList<>();
    List<FaultKind> next = new ArrayList<>();
    Map<Victim, long[]> freeTimes = new EnumMap<>(Victim.class);
    for (Victim victim : Victim.values()) {
      freeTimes.put(victim, new long[victim == Victim.WORKER ? workers : 1]);
    }
    int meanGapMillis =
        (int) Math.min(LONGEST_MEAN_GAP_MILLIS, FIRST_ROUND * duration.toMillis() / kinds.size());
    long now = FIRST_MILLIS;
    while (now < duration.toMillis()) {
      if (next.isEmpty()) {
        next.addAll(kinds);
        Collections.shuffle(next, random);
      }
      FaultKind kind = next.remove(next.size() - 1);
      long[] freeAt = Objects.requireNonNull(freeTimes.get(kind.victim()));
      int slot = earliest(freeAt, random.nextInt(freeAt.length), now);
      long begin = Math.max(now, freeAt[slot]);
      long end =
          begin + kind.leastMillis() + random.nextInt(kind.mostMillis() - kind.leastMillis() + 1);
      int victim =
          switch (kind.victim()) {
            case ZOOKEEPER -> random.nextInt(ZooKeeperServer.ENSEMBLE);
            case LOCK_SERVER -> random.nextInt(WorkerFleet.LOCK_SERVERS);
            case WORKER, REDIS -> slot;
          };
      long faultSeed = random.nextLong();
      if (end < duration.toMillis()) {
        faults.add(new Fault(kind, victim, begin, end, faultSeed));
        freeAt[slot] = end + kind.recoveryMillis();
      }
      now += meanGapMillis / 2 + random.nextInt(meanGapMillis + 1);
    }
    faults.sort((a, b) -> Long.compare(a.beginMillis(), b.beginMillis()));
    return new FaultPlan(List.copyOf(faults));
  }

  /** The first from a given one on that is free now, or else the one that is free first. */
  private static int earliest(long[] freeAt, int from, long now) {
    int best = from;
    for (int i = 0; i < freeAt.length; i++) {
      int candidate = (from + i) % freeAt.length;
      if (freeAt[candidate] <= now) {
        return candidate;
      }
      if (freeAt[candidate] < freeAt[best]) {
        best = candidate;
      }
    }
    return best;
  }
}
