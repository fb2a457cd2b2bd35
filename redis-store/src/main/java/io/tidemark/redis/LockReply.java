package io.tidemark.redis;

/** What a server, or a majority of several, answered an attempt at a lock. */
sealed interface LockReply {

  /**
   * The attempt holds the lock.
   *
   * @param fence the number of the holding
   */
  record Acquired(long fence) implements LockReply {}

  /** Another holder has the lock. */
  record Held(LockOwner owner) implements LockReply {}
}
