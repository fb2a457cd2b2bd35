/**
 * The cache that a program uses.
 *
 * <ul>
 *   <li>{@link io.tidemark.VersionedCache}: reads through, writes through, and is built by {@link
 *       io.tidemark.CacheBuilder}.
 *   <li>{@link io.tidemark.Source} and {@link io.tidemark.Row}: where values come from, each with
 *       the version that the source gave it.
 *   <li>{@link io.tidemark.key.KeyEncoder}: how a key becomes the text that the fleet knows it by.
 *   <li>{@link io.tidemark.CallOptions}, {@link io.tidemark.LoadProfile}, {@link
 *       io.tidemark.FallbackPolicy}, {@link io.tidemark.LoadFailurePolicy}, {@link
 *       io.tidemark.WaitStrategy} and {@link io.tidemark.RefreshAhead}: what to do on bad days, for
 *       a cache and for single calls.
 *   <li>{@link io.tidemark.CacheListener}: is told of every {@link io.tidemark.CacheEvent}.
 *   <li>{@link io.tidemark.ReadResult} and {@link io.tidemark.WriteResult}: what a call came to.
 *   <li>{@link io.tidemark.TidemarkException}: the root of everything thrown; its subclasses say
 *       what the caller can do.
 * </ul>
 *
 * <p>Backends are in {@code io.tidemark.spi} and the modules that implement it.
 */
@NullMarked
package io.tidemark;

import org.jspecify.annotations.NullMarked;
