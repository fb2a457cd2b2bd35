package io.tidemark.redis;

/**
 * What a {@link RedisStore} does with slots that a Redis brings back when it takes over from
 * another or restarts. All stores of a cache must do the same.
 */
public enum Failover {
  /**
   * They count as lost, so that the promises hold through a failover that loses writes. It costs a
   * load for each key of that server, within the limits of loads. The store asks the server for its
   * replication id with every command.
   */
  FORWARD_ONLY,

  /**
   * They are kept. Readers can be served older versions than before, and older than acknowledged
   * writes, until the time to live of an entry ends.
   */
  KEEP
}
