package io.tidemark.engine;

/**
 * How much a cache does at once, and how large its values are. Each component is explained at the
 * option of the same name in {@link io.tidemark.CacheBuilder}.
 */
public record Limits(
    int maxLoads,
    int maxAsyncWrites,
    int maxFallbackLoads,
    int maxFallbackQueue,
    int maxHungLoads,
    int maxValueBytes) {}
