/**
 * What a backend implements: where the slots live and who may load.
 *
 * <ul>
 *   <li>{@link io.tidemark.spi.SlotStore}: one slot per key, changed by a few atomic verbs. Safety
 *       rests on it alone.
 *   <li>{@link io.tidemark.spi.Slot}: what a slot holds, and {@link io.tidemark.spi.EncodedRow},
 *       what goes into it. {@link io.tidemark.spi.Filling} tells who wrote it, when and at what
 *       cost.
 *   <li>{@link io.tidemark.spi.LockProvider}: one holder per key in the fleet, with a fence. Only
 *       efficiency rests on it.
 *   <li>{@link io.tidemark.spi.DaemonThreads}: the threads of a backend, which inherit nothing, and
 *       {@link io.tidemark.spi.TaskLimit}: how many it uses at once.
 *   <li>{@link io.tidemark.spi.Deadline}: the one deadline of a call, passed down to every wait.
 * </ul>
 *
 * <p>{@code io.tidemark.memory} implements both completely and is the model to read; the contract
 * kits that every backend must pass are in {@code tidemark-testkit}.
 */
@NullMarked
package io.tidemark.spi;

import org.jspecify.annotations.NullMarked;
