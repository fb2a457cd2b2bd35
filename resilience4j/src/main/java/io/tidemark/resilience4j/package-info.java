/**
 * A circuit breaker around a slot store, by Resilience4j.
 *
 * <ul>
 *   <li>{@link io.tidemark.resilience4j.BreakerStore} is the store to give to a cache; {@link
 *       io.tidemark.resilience4j.BreakerStoreBuilder} builds it. It asks the breaker before each
 *       call and reports the result to it.
 *   <li>{@code Recovery} probes a store that is away until it answers, and then closes the breaker.
 * </ul>
 */
@NullMarked
package io.tidemark.resilience4j;

import org.jspecify.annotations.NullMarked;
