/**
 * A circuit breaker around a slot store, by Resilience4j.
 *
 * <ul>
 *   <li>{@link io.tidemark.resilience4j.BreakerStore}: the store that a cache is given. Start here.
 *   <li>{@code Recovery}: asks the store that is away until it answers, and tells of it.
 * </ul>
 */
@NullMarked
package io.tidemark.resilience4j;

import org.jspecify.annotations.NullMarked;
