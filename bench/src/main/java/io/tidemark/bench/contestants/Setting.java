package io.tidemark.bench.contestants;

import java.time.Duration;

/**
 * What every contestant is given.
 *
 * @param redis {@code host:port}
 * @param zookeeper a connect string
 * @param source where the items come from
 * @param ttl how long an entry lives
 * @param connections the most to Redis
 */
public record Setting(
    String redis, String zookeeper, Source source, Duration ttl, int connections) {}
