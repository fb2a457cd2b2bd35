/**
 * The meters of a cache, by Micrometer.
 *
 * <ul>
 *   <li>{@link io.tidemark.micrometer.TidemarkMetrics}: listens to caches and binds their meters to
 *       registries; all that a program sees.
 *   <li>{@code CacheMeters}: the meters of one cache in every registry.
 *   <li>{@code KindMeters}: which meters of one registry an event moves, with their names, units
 *       and descriptions.
 * </ul>
 */
@NullMarked
package io.tidemark.micrometer;

import org.jspecify.annotations.NullMarked;
