/**
 * Locks on ZooKeeper, with Curator. Begin with {@link io.tidemark.zookeeper.ZooKeeperLocks}, the
 * provider and the only public type: {@code tryAcquire} reads from top to bottom.
 *
 * <ul>
 *   <li>{@code MutexHolding}: one attempt and the holding that it ends in, without a thread where
 *       the key has no node, and on a thread of its own where it has.
 *   <li>{@code KeyMutex}: the mutex of one key and the znodes below it. {@code FirstNode} creates
 *       the node and learns the fence where the key has none, {@code FencingDriver} where it has.
 *       {@code SetupException}: ZooKeeper refuses for good.
 *   <li>{@code LockNode}: tells which znodes hold or queue for a lock, and who made them.
 *   <li>{@code NodeHolder}: waits until another holder's node is gone.
 *   <li>{@code Replies}: lets callers wait no longer than their deadline or the connection; a reply
 *       that cannot come fails with a {@code NoAnswerException}.
 *   <li>{@code LockPath}: the znode of a key.
 * </ul>
 */
@NullMarked
package io.tidemark.zookeeper;

import org.jspecify.annotations.NullMarked;
