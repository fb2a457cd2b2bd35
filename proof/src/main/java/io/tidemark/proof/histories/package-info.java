/**
 * Recorded histories of real processes: what they saw is judged afterwards.
 *
 * <ul>
 *   <li>{@link io.tidemark.proof.histories.History}: operations with start, end and outcome, and
 *       what the database committed. {@code HistoryChecker} decides whether the promises held.
 *   <li>{@link io.tidemark.proof.histories.WorkerProgram}: a process that uses the real library on
 *       real servers and records every operation. A quarter of its calls read many keys.
 *   <li>{@link io.tidemark.proof.histories.WorkerFleet}: the servers, the workers, and a network
 *       between them that can be broken.
 *   <li>{@code FaultPlan} and {@code Nemesis}: what goes wrong, all of it from one seed.
 *   <li>{@link io.tidemark.proof.histories.HistoryRun}: a run of all of that, and its report.
 * </ul>
 */
@NullMarked
package io.tidemark.proof.histories;

import org.jspecify.annotations.NullMarked;
