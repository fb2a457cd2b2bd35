package io.tidemark.demo.node;

/** The locks that decide which node may load. */
enum LockChoice {
  /** ZooKeeper: one load per key in the fleet. */
  ZOOKEEPER,
  /** A key in Redis with a life. */
  REDIS,
  /** Keys in several Redis servers, of which a majority decides. */
  REDLOCK,
  /** A key in Redis with a life, without scripts. */
  OPTIMISTIC,
  /** This process only: one load per key and node. */
  LOCAL,
  /** No lock: every node may load at any time, to show that safety does not need the lock. */
  NONE
}
