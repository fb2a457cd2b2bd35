/**
 * Counts the wrong answers of a contestant whose processes are paused and whose entries are evicted
 * under load.
 *
 * <ul>
 *   <li>{@link io.tidemark.bench.answers.Schedule}: who does what in which order, all of it from a
 *       seed.
 *   <li>{@link io.tidemark.bench.answers.Fleet}: plays it with processes that run {@link
 *       io.tidemark.bench.answers.CallerProgram}, each with an {@code ItemTable} and {@code Gates}
 *       at which calls are held; {@code Caller} is the connection to one of them.
 *   <li>{@link io.tidemark.bench.answers.Call}: what was asked and answered, and when. {@link
 *       io.tidemark.bench.answers.Answers} lets the judge look at all of them, and {@link
 *       io.tidemark.bench.answers.Counts} what it said.
 * </ul>
 */
@NullMarked
package io.tidemark.bench.answers;

import org.jspecify.annotations.NullMarked;
