package io.tidemark.proof.histories;

import java.util.EnumSet;
import java.util.Set;

/** What the nemesis does. */
enum FaultKind {
  /** Stops a worker for less than its ZooKeeper session. */
  PAUSE_SHORT(Victim.WORKER, 200, 1_200),
  /** Stops a worker for longer than its ZooKeeper session and its claims. */
  PAUSE_LONG(Victim.WORKER, 2_600, 4_000),
  /** Kills a worker and starts it again. */
  KILL_WORKER(Victim.WORKER, 500, 1_500),
  /** Resets a worker's connections to Redis. */
  RESET_REDIS(Victim.WORKER, 0, 0),
  /** Refuses a worker's connections to Redis. */
  REFUSE_REDIS(Victim.WORKER, 200, 1_500),
  /** Drops what a worker and Redis send to each other. */
  SWALLOW_REDIS(Victim.WORKER, 200, 1_500),
  /** Drops what Redis answers to a worker. */
  SWALLOW_REPLIES_OF_REDIS(Victim.WORKER, 200, 1_500),
  /** Resets a worker's connections to ZooKeeper. */
  RESET_ZOOKEEPER(Victim.WORKER, 0, 0),
  /** Refuses a worker's connections to ZooKeeper, so that its session may end. */
  REFUSE_ZOOKEEPER(Victim.WORKER, 300, 3_500),
  /** Drops what a worker and ZooKeeper send to each other. */
  SWALLOW_ZOOKEEPER(Victim.WORKER, 300, 3_500),
  /** Drops what ZooKeeper answers to a worker. */
  SWALLOW_REPLIES_OF_ZOOKEEPER(Victim.WORKER, 300, 3_500),
  /** Resets a worker's connections to PostgreSQL. */
  RESET_POSTGRES(Victim.WORKER, 0, 0),
  /** Refuses a worker's connections to PostgreSQL. */
  REFUSE_POSTGRES(Victim.WORKER, 200, 1_500),
  /** Drops what a worker and PostgreSQL send to each other. */
  SWALLOW_POSTGRES(Victim.WORKER, 200, 1_500),
  /** Drops what PostgreSQL answers to a worker: commits without a reply. */
  SWALLOW_REPLIES_OF_POSTGRES(Victim.WORKER, 200, 1_500),
  /** Ends a worker's ZooKeeper session at the servers. */
  EXPIRE_SESSION(Victim.WORKER, 0, 0),
  /** Makes a worker's clock jump ahead, and run at another rate from then on. */
  MOVE_CLOCK(Victim.WORKER, 0, 0),
  /** Kills one server of ZooKeeper and starts it again. */
  KILL_ZOOKEEPER(Victim.ZOOKEEPER, 500, 2_500),
  /** Kills the leader of ZooKeeper's servers and starts it again. */
  KILL_ZOOKEEPER_LEADER(Victim.ZOOKEEPER, 500, 1_500),
  /** Kills two servers of ZooKeeper, so that there is no majority, and starts them again. */
  LOSE_ZOOKEEPER_MAJORITY(Victim.ZOOKEEPER, 500, 1_500),
  /** Stops one server of ZooKeeper. */
  PAUSE_ZOOKEEPER(Victim.ZOOKEEPER, 500, 3_500),
  /** Kills Redis and starts it again, empty. */
  RESTART_REDIS(Victim.REDIS, 0, 800),
  /** Stops Redis, so that what was sent is carried out after its sender gave up. */
  PAUSE_REDIS(Victim.REDIS, 200, 1_200),
  /** Deletes the slots of some keys. */
  DELETE_SLOTS(Victim.REDIS, 0, 0),
  /** Fills Redis up to {@code maxmemory} with {@code allkeys-lru}, so that it evicts. */
  EVICT(Victim.REDIS, 0, 0),
  /** Makes Redis forget its scripts. */
  FLUSH_SCRIPTS(Victim.REDIS, 0, 0),
  /** Makes Redis forget everything. */
  FLUSH_ALL(Victim.REDIS, 0, 0),
  /** Lets a replica of Redis take over from a master that lives, as an operator does. */
  FAIL_OVER(Victim.REDIS, 3_000, 4_000),
  /** Kills a master of Redis, and starts it again when its replica has taken over. */
  KILL_MASTER(Victim.REDIS, 8_000, 10_000),
  /** Stops a master of Redis until its replica has taken over, so that it comes back. */
  PAUSE_MASTER(Victim.REDIS, 8_000, 10_000),
  /** Cuts a master of Redis off from its replica, which misses writes, and then kills it. */
  LOSE_WRITES(Victim.REDIS, 8_000, 10_000),
  /** Cuts a master of Redis off from its replica and the Sentinel, but not from the workers. */
  ISOLATE_MASTER(Victim.REDIS, 8_000, 12_000),
  /** Moves a hash slot to another master of the cluster, with its keys. */
  MOVE_HASH_SLOTS(Victim.REDIS, 0, 0),
  /** Kills a Redis that has locks only, and starts it again, empty. */
  RESTART_LOCK_SERVER(Victim.LOCK_SERVER, 0, 800),
  /** Stops a Redis that has locks only. */
  PAUSE_LOCK_SERVER(Victim.LOCK_SERVER, 200, 2_500);

  /** The process or server that a fault hits; none has two at once. */
  enum Victim {
    /** One of the workers. */
    WORKER,
    /** ZooKeeper's servers; but for the loss of the majority, one of them. */
    ZOOKEEPER,
    /** Redis. */
    REDIS,
    /** One Redis that has locks only. */
    LOCK_SERVER
  }

  private final Victim victim;
  private final int leastMillis;
  private final int mostMillis;

  FaultKind(Victim victim, int leastMillis, int mostMillis) {
    this.victim = victim;
    this.leastMillis = leastMillis;
    this.mostMillis = mostMillis;
  }

  Victim victim() {
    return victim;
  }

  /** Where it can be made. */
  Set<RedisKind> redis() {
    return switch (this) {
      case FAIL_OVER, KILL_MASTER, PAUSE_MASTER, LOSE_WRITES ->
          EnumSet.of(RedisKind.SENTINEL, RedisKind.CLUSTER);
      case ISOLATE_MASTER -> EnumSet.of(RedisKind.SENTINEL);
      case MOVE_HASH_SLOTS -> EnumSet.of(RedisKind.CLUSTER);
      case EVICT -> EnumSet.of(RedisKind.SINGLE, RedisKind.SENTINEL);
      default -> EnumSet.allOf(RedisKind.class);
    };
  }

  /** Whether a replica of Redis takes over. */
  boolean isFailover() {
    return switch (this) {
      case FAIL_OVER, KILL_MASTER, PAUSE_MASTER, LOSE_WRITES, ISOLATE_MASTER -> true;
      default -> false;
    };
  }

  int leastMillis() {
    return leastMillis;
  }

  int mostMillis() {
    return mostMillis;
  }

  /** A handful for a short run: one or two of each server, and all of them are over soon. */
  static Set<FaultKind> few() {
    return EnumSet.of(
        PAUSE_SHORT,
        EXPIRE_SESSION,
        MOVE_CLOCK,
        SWALLOW_REPLIES_OF_REDIS,
        REFUSE_POSTGRES,
        PAUSE_REDIS,
        RESTART_REDIS,
        FLUSH_ALL,
        FAIL_OVER,
        LOSE_WRITES);
  }

  /** Whether it has no effect on workers that do not use ZooKeeper. */
  boolean isOfZooKeeper() {
    return switch (this) {
      case RESET_ZOOKEEPER,
          REFUSE_ZOOKEEPER,
          SWALLOW_ZOOKEEPER,
          SWALLOW_REPLIES_OF_ZOOKEEPER,
          EXPIRE_SESSION ->
          true;
      default -> victim == Victim.ZOOKEEPER;
    };
  }

  /** How long a victim is left alone after the end, because it has to start. */
  int recoveryMillis() {
    return switch (this) {
      case KILL_WORKER, KILL_ZOOKEEPER, KILL_ZOOKEEPER_LEADER, LOSE_ZOOKEEPER_MAJORITY -> 5_000;
      case PAUSE_ZOOKEEPER -> 1_000;
      // Without a replica, a master of Redis serves nobody.
      case FAIL_OVER, KILL_MASTER, PAUSE_MASTER, LOSE_WRITES, ISOLATE_MASTER -> 10_000;
      default -> 200;
    };
  }
}
