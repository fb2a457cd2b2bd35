/**
 * The cache, for programs that use it.
 *
 * <ul>
 *   <li>Begin with {@link io.tidemark.CacheBuilder}; it builds a {@link
 *       io.tidemark.VersionedCache}.
 *   <li>{@link io.tidemark.Source} loads a {@link io.tidemark.Row}, a value with its version, and
 *       {@link io.tidemark.BulkSource} many of them; {@link io.tidemark.Write} writes one.
 *   <li>{@link io.tidemark.LoadProfile}, the policies and the strategies set how calls wait and
 *       fail; {@link io.tidemark.CallOptions} overrides them for single calls.
 *   <li>{@link io.tidemark.CacheListener} receives events; {@link io.tidemark.TidemarkException} is
 *       the root of all exceptions.
 * </ul>
 *
 * <p>{@code io.tidemark.json} encodes values, {@code io.tidemark.key} encodes keys; stores and
 * locks implement {@code io.tidemark.spi}.
 */
@NullMarked
package io.tidemark;

import org.jspecify.annotations.NullMarked;
