package io.tidemark.zookeeper;

import io.tidemark.UnavailableException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.SlotKey;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;

/**
 * How callers wait for what ZooKeeper answers on other threads: no longer than their deadline,
 * although Curator overruns its own, and not at all while the connection is lost. Thread-safe.
 */
final class Replies implements ConnectionStateListener {
  private final CuratorFramework curator;

  /** Each fails one reply that is awaited now. */
  private final Set<Consumer<Exception>> awaited = ConcurrentHashMap.newKeySet();

  Replies(CuratorFramework curator) {
    this.curator = curator;
  }

  /**
   * Waits for a reply.
   *
   * @throws UnavailableException if it failed, or the connection is lost before it comes
   * @throws TimeoutException if the deadline passes first
   * @throws InterruptedException if the thread is interrupted first
   */
  <T> T await(CompletableFuture<T> reply, SlotKey key, Deadline deadline)
      throws TimeoutException, InterruptedException {
    Consumer<Exception> fail = reply::completeExceptionally;
    awaited.add(fail);
    try {
      // Looked at after the reply was added: stateChanged fails what it finds, this the rest.
      if (!isConnected()) {
        fail.accept(notConnected());
      }
      return reply.get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new UnavailableException(key, "ZooKeeper cannot tell", e.getCause());
    } finally {
      awaited.remove(fail);
    }
  }

  boolean isConnected() {
    return curator.getZookeeperClient().isConnected();
  }

  @Override
  public void stateChanged(CuratorFramework client, ConnectionState state) {
    if (!state.isConnected()) {
      failAll(notConnected());
    }
  }

  /** Fails whatever is awaited now. */
  void failAll(Exception reason) {
    awaited.forEach(fail -> fail.accept(reason));
  }

  private static Exception notConnected() {
    return new IllegalStateException("there is no connection to ZooKeeper");
  }
}
