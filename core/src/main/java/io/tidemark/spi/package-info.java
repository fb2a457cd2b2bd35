/**
 * What a backend implements: a store for the slots, and locks. Begin with {@link
 * io.tidemark.spi.SlotStore}, whose tables are the protocol.
 *
 * <ul>
 *   <li>{@link io.tidemark.spi.SlotStore}: one slot per key, changed by atomic verbs. Safety rests
 *       on it alone. A verb takes a {@link io.tidemark.spi.SlotKey}, an {@link
 *       io.tidemark.spi.EncodedRow} and a {@link io.tidemark.spi.Lifetime}, and returns an answer
 *       of its own, such as {@link io.tidemark.spi.FillAnswer}. A verb for many slots takes a list,
 *       of a {@link io.tidemark.spi.Fill} each, say, and returns a {@link io.tidemark.spi.Reply}
 *       for each.
 *   <li>{@link io.tidemark.spi.Slot}: what a slot holds; {@link io.tidemark.spi.Filling}: who wrote
 *       it, when, and how long its load took.
 *   <li>{@link io.tidemark.spi.LockProvider}: one holder per key in the fleet, with a fence. Only
 *       efficiency rests on it. An attempt ends in a {@link io.tidemark.spi.LockAttempt}, and an
 *       {@link io.tidemark.spi.Acquisition} lets its caller leave before it does.
 *   <li>{@link io.tidemark.spi.Ballot}: takes the place of a lock's fence where many keys are
 *       loaded at once.
 *   <li>{@link io.tidemark.spi.Deadline}: the one deadline of a call, passed down to every wait, by
 *       the clock of a {@link io.tidemark.spi.Ticker}.
 *   <li>{@link io.tidemark.spi.DaemonThreads} and {@link io.tidemark.spi.TaskLimit}: threads for a
 *       backend, and a limit on how many it uses.
 *   <li>{@link io.tidemark.spi.Transactions}: the transaction that a caller is in, and what it is
 *       to do when that has ended.
 *   <li>{@link io.tidemark.spi.Finding}: what {@code check()} reports about the set-up.
 * </ul>
 *
 * <p>{@code io.tidemark.memory} implements both and is the model to read. The contract kits that
 * every backend must pass are in {@code tidemark-testkit}.
 */
@NullMarked
package io.tidemark.spi;

import org.jspecify.annotations.NullMarked;
