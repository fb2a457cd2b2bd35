package io.tidemark.engine;

import io.tidemark.WaitStrategy;
import java.time.Duration;

/**
 * How calls wait for locks, beside their {@link Terms}. Each component is explained at the option
 * of the same name in {@link io.tidemark.CacheBuilder}.
 */
public record Waiting(WaitStrategy waitStrategy, Duration lockOutageWait) {}
