/**
 * Locks on ZooKeeper, by Curator.
 *
 * <ul>
 *   <li>{@link io.tidemark.zookeeper.ZooKeeperLocks}: the provider, all that a program sees.
 *   <li>{@code MutexHolding}: one attempt and what came of it, on a thread of its own.
 *   <li>{@code KeyMutex}: the mutex of one key and the znodes under it; {@code FencingDriver}:
 *       makes its node and learns the fence.
 *   <li>{@code LockNode}: which znodes hold or queue, and who made them.
 *   <li>{@code NodeHolder}: waits for somebody else's node to go.
 *   <li>{@code Replies}: how callers wait, no longer than their deadline or the connection.
 *   <li>{@code LockPath}: which znode belongs to which key.
 * </ul>
 */
@NullMarked
package io.tidemark.zookeeper;

import org.jspecify.annotations.NullMarked;
