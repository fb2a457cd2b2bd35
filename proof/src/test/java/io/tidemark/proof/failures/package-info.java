/**
 * What callers get when a server fails: {@code docs/failures.md}, cell by cell, on real servers.
 *
 * <ul>
 *   <li>{@code FailurePageIT}: the tables of that page. Start here.
 *   <li>{@code DeadlinesIT}: nothing waits for ever.
 *   <li>{@code BreakerIT}: the circuit breaker around a real Redis.
 *   <li>{@code ThreeServers}: the servers, and a process that is never cut off from them. {@code
 *       FaultyWorld}: a network that fails, and the processes behind it. {@code Server}, {@code
 *       Fault}, {@code CallOnPage} and {@code Limit} are what a cell is made of, and {@code Scene}
 *       plays one.
 *   <li>{@code HandMovedTime}: why none of them depends on how fast the machine is.
 * </ul>
 */
@NullMarked
package io.tidemark.proof.failures;

import org.jspecify.annotations.NullMarked;
