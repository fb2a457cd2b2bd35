package io.tidemark.bench.contestants;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What every contestant is given.
 *
 * @param redis {@code host:port}
 * @param zookeeper a connect string
 * @param source where the items come from
 * @param ttl how long an entry lives
 * @param connections the most to Redis
 * @param lockLife how long a lock outlives its holder; null for the one that it has in measurements
 *     of time
 */
public record Setting(
    String redis,
    String zookeeper,
    Source source,
    Duration ttl,
    int connections,
    @Nullable Duration lockLife) {
  /** A setting for measurements of time. */
  public Setting(String redis, String zookeeper, Source source, Duration ttl, int connections) {
    this(redis, zookeeper, source, ttl, connections, null);
  }

  Duration lockLifeOr(Duration usual) {
    return Objects.requireNonNullElse(lockLife, usual);
  }
}
