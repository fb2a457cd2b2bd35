/**
 * The properties that begin with {@code tidemark}.
 *
 * <ul>
 *   <li>{@link io.tidemark.spring.properties.TidemarkProperties} is the root. A property that it
 *       does not know is refused when the application starts, so a package that adds properties
 *       adds them here.
 *   <li>{@link io.tidemark.spring.properties.RedisProperties} and {@link
 *       io.tidemark.spring.properties.ZooKeeperProperties} say where the servers are.
 *   <li>{@link io.tidemark.spring.properties.CacheProperties} has the options of one cache, or the
 *       defaults of all, and {@link io.tidemark.spring.properties.CacheOptions} sets them.
 *   <li>{@link io.tidemark.spring.properties.DurationUnits} refuses durations without a unit.
 * </ul>
 */
@NullMarked
package io.tidemark.spring.properties;

import org.jspecify.annotations.NullMarked;
