package io.tidemark.proof.histories;

import io.tidemark.proof.histories.FaultKind.Victim;
import java.util.EnumSet;
import java.util.Set;

/** What Redis the workers share. */
enum RedisKind {
  /** One server. */
  SINGLE,
  /** A master with a replica, of which a Sentinel knows which is which. */
  SENTINEL,
  /** Three masters, with a replica each. */
  CLUSTER;

  /** How many nodes serve at a time. */
  int masters() {
    return this == CLUSTER ? 3 : 1;
  }

  /** Whether a replica can take over. */
  boolean failsOver() {
    return this != SINGLE;
  }

  /** Of some faults, those that can happen to this Redis. */
  Set<FaultKind> of(Set<FaultKind> kinds) {
    Set<FaultKind> own = EnumSet.copyOf(kinds);
    own.removeIf(kind -> kind.victim() == Victim.REDIS && !kind.redis().contains(this));
    return own;
  }
}
