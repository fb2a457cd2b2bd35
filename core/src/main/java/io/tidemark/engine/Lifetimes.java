package io.tidemark.engine;

import java.time.Duration;

/**
 * How long entries are served and kept. Each component is explained at the option of the same name
 * in {@link io.tidemark.CacheBuilder}.
 */
public record Lifetimes(Duration ttl, Duration negativeTtl, double ttlJitter, Duration grace) {}
