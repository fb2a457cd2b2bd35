/**
 * The demo: some acts, each with figures and a verdict.
 *
 * <ul>
 *   <li>{@link io.tidemark.demo.acts.DemoCommand}: its options. {@code Playbill}: the acts by name.
 *       {@code DemoRun}: raises the stage, plays the acts, and reports.
 *   <li>{@code DemoStage}: what the acts play on: {@code NodeProcess}es, which it can hold, replace
 *       and cut off from ZooKeeper, {@code Guests} beside them, the servers, and the launcher's own
 *       {@code DatabaseView}. {@code StageNodes} starts the processes.
 *   <li>{@code Act} and its implementations: what is done. {@code Notes} collects what was seen,
 *       {@code ActResult} is the outcome.
 *   <li>{@code JudgedLoad}: callers in a closed loop, through a {@code Balancer}; {@code
 *       JudgedCalls} counts their answers, and those of each {@code Side}.
 *   <li>{@code Screen}, {@code Progress}, {@code Scoreboard}: how the outcome is shown. {@code
 *       ReportFiles}, {@code HtmlReport}, {@code Plot}: how it is written down.
 * </ul>
 */
@NullMarked
package io.tidemark.demo.acts;

import org.jspecify.annotations.NullMarked;
