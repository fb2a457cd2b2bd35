package io.tidemark.engine;

import io.tidemark.UncacheablePolicy;
import java.time.Duration;

/**
 * What a cache does when something fails, beside the {@link Terms} of its calls. Each component is
 * explained at the option of the same name in {@link io.tidemark.CacheBuilder}.
 */
public record Fallbacks(
    Duration failureTtl, UncacheablePolicy onUncacheable, Duration repairTime) {}
