/**
 * Meters of caches for Micrometer.
 *
 * <ul>
 *   <li>{@link io.tidemark.micrometer.TidemarkMetrics} listens to caches and binds their meters to
 *       registries. It is the only type that programs use.
 *   <li>{@code CacheMeters} has the meters of one cache in all registries, and counts what is under
 *       way.
 *   <li>{@code KindMeters} has the meters of one cache in one registry, with their names, units and
 *       descriptions, by the kind of event that moves them.
 * </ul>
 */
@NullMarked
package io.tidemark.micrometer;

import org.jspecify.annotations.NullMarked;
