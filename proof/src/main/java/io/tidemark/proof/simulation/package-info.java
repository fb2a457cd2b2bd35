/**
 * A deterministic simulation: the production read and write paths of many processes, one step at a
 * time, under virtual time and a scheduler whose only chance is a seed.
 *
 * <p>{@link io.tidemark.proof.simulation.Simulation} runs a seed. A {@code SimulatedWorld} is what
 * {@code Plan} drew: processes ({@code SimulatedNode}) with caches built by the public builder,
 * callers ({@code Workload}), a store behind a {@code Network}, a {@code LockService}, a {@code
 * SimulatedDatabase}, and {@code Faults}. {@code Agenda} decides what happens next, and {@code
 * Promises} checks it.
 */
@NullMarked
package io.tidemark.proof.simulation;

import org.jspecify.annotations.NullMarked;
