/**
 * The demo: some acts, each with figures and a verdict.
 *
 * <ul>
 *   <li>{@link io.tidemark.demo.acts.DemoCommand}: its options. {@code DemoRun}: raises the stage,
 *       plays the acts, and reports.
 *   <li>{@code DemoStage}: what the acts play on: {@code NodeProcess}es, which it can hold and cut
 *       off from ZooKeeper, and the launcher's own {@code DatabaseView}.
 *   <li>{@code Act} and its implementations: what is done; {@code Playbill} lists them. {@code
 *       Notes} collects what was seen, {@code ActResult} is the outcome.
 *   <li>{@code Screen}, {@code ReportFiles}: how the outcome is shown.
 * </ul>
 */
@NullMarked
package io.tidemark.demo.acts;

import org.jspecify.annotations.NullMarked;
