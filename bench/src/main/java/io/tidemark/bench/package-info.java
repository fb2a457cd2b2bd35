/**
 * Measures the cache beside what users would pick instead.
 *
 * <ul>
 *   <li>{@link io.tidemark.bench.Bench}: the command. {@code Workload}: what can be measured, as
 *       {@code Work} with a {@code Run} for each contestant. {@code Effort}: how long.
 *   <li>{@code Rounds}: lets the runs take turns. {@code JmhMeter}, {@code ColdKeyMeter} and {@code
 *       MemoryMeter}: measure one of them, each time on new {@code BenchServers}. {@code
 *       ServerCounts}: what these have done. {@code ZipfMeter}: lets them be read at a fixed rate
 *       by {@link io.tidemark.bench.ZipfProgram}. {@code AnswersMeter}: counts the wrong answers of
 *       one by {@link io.tidemark.bench.answers}.
 *   <li>{@link io.tidemark.bench.ReadBenchmark} and {@link io.tidemark.bench.VerbBenchmark}: what
 *       JMH runs. {@link io.tidemark.bench.WorkerProgram}: a process that reads when it is told;
 *       {@code Worker}: the connection to it.
 *   <li>{@code Comparison}: makes figures of a {@code Sample} and its base's, of the same round.
 *       {@code Spread}: the figures of all rounds, and whether they show anything.
 *   <li>{@code Report}: the outcome as {@code Table}s and {@code Plot}s, with the {@code
 *       Circumstances}. {@code ResultsPage}: keeps it.
 * </ul>
 */
@NullMarked
package io.tidemark.bench;

import org.jspecify.annotations.NullMarked;
