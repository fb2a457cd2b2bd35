package io.tidemark.proof.histories;

import io.tidemark.proof.histories.FaultKind.Victim;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Which locks the workers of a run share. */
enum LockKind {
  /** A mutex in ZooKeeper for each key. */
  ZOOKEEPER,
  /** A key in Redis for each key. */
  REDIS,
  /** A key in each of three Redis servers. */
  REDLOCK,
  /** A key in Redis, without scripts. */
  OPTIMISTIC,
  /** None between the workers. */
  LOCAL,
  /** Each but ZooKeeper: which one depends on the key, so that one run has them all. */
  BY_KEY;

  /** What can fail in a run with these locks and one Redis, so that each fault means something. */
  Set<FaultKind> faults() {
    return faults(RedisKind.SINGLE);
  }

  /** What can fail likewise with another Redis. */
  Set<FaultKind> faults(RedisKind redis) {
    Set<FaultKind> others =
        Arrays.stream(FaultKind.values())
            .filter(kind -> hasLockServers() || kind.victim() != Victim.LOCK_SERVER)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(FaultKind.class)));
    if (this != ZOOKEEPER) {
      others.removeIf(FaultKind::isOfZooKeeper);
    }
    return redis.of(others);
  }

  /** Whether there are Redis servers for locks only. */
  boolean hasLockServers() {
    return this == REDLOCK || this == BY_KEY;
  }

  /** The kind for a key: the same in every worker. */
  LockKind of(String key) {
    LockKind[] others = {REDIS, REDLOCK, OPTIMISTIC, LOCAL};
    return this == BY_KEY ? others[Math.floorMod(key.hashCode(), others.length)] : this;
  }
}
