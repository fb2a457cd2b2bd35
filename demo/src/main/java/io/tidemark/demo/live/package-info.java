/**
 * The live page: servers, nodes, a load of calls, and buttons that break them.
 *
 * <ul>
 *   <li>{@link io.tidemark.demo.live.ServeCommand}: starts all of it, and serves the page.
 *   <li>{@code LiveFleet}: the processes, each of which can be stopped and started again.
 *   <li>{@code Load}: makes the same calls of Tidemark and of the rival, of which {@link
 *       io.tidemark.judge.Judge} says whether each answer was wrong; it knows only what was
 *       acknowledged and what was answered.
 *   <li>{@code Scores}: what came of the calls, counted; {@code DatabaseReads}: what the database
 *       counted.
 *   <li>{@code BrokenWrite}: an act, step by step. {@code Stampedes}: many callers of a cold
 *       product.
 *   <li>{@code EventHub}: tells the pages what happens; {@code Events}: in which form. The page's
 *       side of it is {@code src/main/page/src/protocol.ts}.
 *   <li>{@code LiveApi}: the HTTP table; {@code PageFiles}: the page itself.
 * </ul>
 */
@NullMarked
package io.tidemark.demo.live;

import org.jspecify.annotations.NullMarked;
