package io.tidemark.proof.histories;

import io.tidemark.redis.Failover;
import java.time.Duration;

/**
 * What a worker is for. All workers that share a key have the same.
 *
 * @see WorkerProgram
 */
enum WorkerSetup {
  /** Random operations: short lives and little patience, so that everything ends in the middle. */
  LOAD(
      Duration.ofSeconds(2),
      Duration.ofMillis(1_500),
      Duration.ofSeconds(1),
      Duration.ofSeconds(2),
      Duration.ofMillis(300)),
  /** The same with entries that outlive a failover of Redis. */
  LOAD_THROUGH_FAILOVERS(
      LOAD.deadline, Duration.ofSeconds(30), LOAD.claimLife, LOAD.session, LOAD.patience),
  /** The same with stores that keep what a failover brings back, which breaks promises. */
  LOAD_THAT_KEEPS_OLD_SLOTS(
      LOAD.deadline, LOAD_THROUGH_FAILOVERS.ttl, LOAD.claimLife, LOAD.session, LOAD.patience),
  /**
   * A script: lives so long, and so much patience, that only the script ends anything, however slow
   * the machine is.
   */
  SCRIPT(
      Duration.ofMinutes(10),
      Duration.ofHours(1),
      Duration.ofMinutes(10),
      Duration.ofMinutes(1),
      Duration.ofMinutes(1)),
  /** A script whose loads read a replica first, which has what the script copied to it. */
  SCRIPT_WITH_REPLICA(
      SCRIPT.deadline, SCRIPT.ttl, SCRIPT.claimLife, SCRIPT.session, SCRIPT.patience);

  private final Duration deadline;
  private final Duration ttl;
  private final Duration claimLife;
  private final Duration session;
  private final Duration patience;

  WorkerSetup(
      Duration deadline, Duration ttl, Duration claimLife, Duration session, Duration patience) {
    this.deadline = deadline;
    this.ttl = ttl;
    this.claimLife = claimLife;
    this.session = session;
    this.patience = patience;
  }

  Duration deadline() {
    return deadline;
  }

  Duration ttl() {
    return ttl;
  }

  /** How long an absence is served. */
  Duration negativeTtl() {
    return ttl.dividedBy(2);
  }

  Duration claimLife() {
    return claimLife;
  }

  /** How long a ZooKeeper session lives; for load, shorter than the nemesis's longer pauses. */
  Duration session() {
    return session;
  }

  /** How long the clients of Redis and PostgreSQL wait for an answer. */
  Duration patience() {
    return patience;
  }

  boolean isScript() {
    return this == SCRIPT || this == SCRIPT_WITH_REPLICA;
  }

  Failover failover() {
    return this == LOAD_THAT_KEEPS_OLD_SLOTS ? Failover.KEEP : Failover.FORWARD_ONLY;
  }

  boolean hasReplica() {
    return this == SCRIPT_WITH_REPLICA;
  }
}
