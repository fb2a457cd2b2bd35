/**
 * What callers get when a server fails: {@code docs/failures.md}, cell by cell, on real servers.
 *
 * <ul>
 *   <li>{@code FailurePageIT}: the tables of that page. Start here.
 *   <li>{@code DeadlinesIT}: nothing waits for ever.
 *   <li>{@code BreakerIT}: the circuit breaker around a real Redis.
 *   <li>{@code World}: the servers, the networks to them, and two processes' caches; {@code
 *       Server}, {@code Fault} and {@code Call} are what a cell is made of.
 * </ul>
 */
@NullMarked
package io.tidemark.proof.failures;

import org.jspecify.annotations.NullMarked;
