package io.tidemark.demo.node;

/** Who says which node may load. */
enum LockChoice {
  /** ZooKeeper: one load per key in the fleet. */
  ZOOKEEPER(true),
  /** A key in Redis with a time to live. */
  REDIS(false),
  /** Redlock over several Redis servers. */
  REDLOCK(false),
  /** This process only: one load per key and node. */
  LOCAL(true),
  /** Nobody: every node may load at any time, to show that safety does not need the lock. */
  NONE(true);

  private final boolean available;

  LockChoice(boolean available) {
    this.available = available;
  }

  /** Whether this release has it. */
  boolean isAvailable() {
    return available;
  }
}
