package io.tidemark.zookeeper;

import io.tidemark.RefusedException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.Acquisition;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.jspecify.annotations.Nullable;

/**
 * Lets callers wait for replies that arrive on other threads: no longer than their deadline,
 * although Curator may overrun it, and not at all while the connection is lost. Thread-safe.
 */
final class Replies implements ConnectionStateListener {
  private final CuratorFramework curator;

  /** For each reply that is awaited, a way to fail it. */
  private final Set<Consumer<Exception>> awaited = ConcurrentHashMap.newKeySet();

  /** Whether the server that is connected has no majority, and can lock nothing. */
  private volatile boolean readOnly;

  /** Why there will be no reply any more; null as long as there may be. */
  private volatile @Nullable Exception ended;

  Replies(CuratorFramework curator) {
    this.curator = curator;
  }

  /**
   * Waits for the answer of an attempt.
   *
   * @throws UnavailableException if it failed, or the connection is lost before the answer comes
   * @throws TimeoutException if the deadline passes first
   * @throws InterruptedException if the thread is interrupted first
   */
  LockAttempt await(Acquisition acquisition, SlotKey key, Deadline deadline)
      throws TimeoutException, InterruptedException {
    return await(acquisition::failed, acquisition::await, key, deadline);
  }

  /** Waits likewise for a reply. */
  <T> T await(CompletableFuture<T> reply, SlotKey key, Deadline deadline)
      throws TimeoutException, InterruptedException {
    return await(reply::completeExceptionally, end -> end.await(reply), key, deadline);
  }

  private <T> T await(Consumer<Exception> fail, Wait<T> wait, SlotKey key, Deadline deadline)
      throws TimeoutException, InterruptedException {
    awaited.add(fail);
    try {
      // Checked after the reply was added: end and stateChanged fail what they find, this the rest.
      Exception reason = ended;
      if (reason != null) {
        fail.accept(reason);
      } else if (!isConnected()) {
        fail.accept(notConnected());
      }
      // ZooKeeper does not go by the cache's clock: what is left is waited by the system's.
      return wait.until(Deadline.after(Duration.ofNanos(deadline.remainingNanos())));
    } catch (ExecutionException e) {
      throw failed(key, Objects.requireNonNull(e.getCause()));
    } finally {
      awaited.remove(fail);
    }
  }

  private interface Wait<T> {
    T until(Deadline end) throws InterruptedException, ExecutionException, TimeoutException;
  }

  /** Tells a client that is closed and a lost connection from what Curator throws. */
  private UnavailableException failed(SlotKey key, Throwable cause) {
    String unusable = whyUnusable();
    if (unusable != null) {
      return new RefusedException(key, unusable, cause);
    }
    if (cause instanceof SetupException) {
      return new RefusedException(key, Objects.requireNonNull(cause.getMessage()), cause);
    }
    return cause instanceof NoAnswerException
        ? new UnavailableException(key, Objects.requireNonNull(cause.getMessage()), cause)
        : new UnavailableException(key, "the request to ZooKeeper failed", cause);
  }

  /** Throws {@link RefusedException} if the Curator client is closed, or was never started. */
  void checkUsable(SlotKey key) {
    String unusable = whyUnusable();
    if (unusable != null) {
      throw new RefusedException(key, unusable, null);
    }
  }

  /** Returns why the Curator client cannot send requests; null if it can. */
  @Nullable String whyUnusable() {
    return switch (curator.getState()) {
      case LATENT -> "the Curator client was not started";
      case STARTED -> null;
      case STOPPED -> "the Curator client is closed";
    };
  }

  /** Whether there is a connection to a server that can lock. */
  boolean isConnected() {
    return !readOnly && curator.getZookeeperClient().isConnected();
  }

  /** Whether Curator has told that the server which is connected is read-only. */
  boolean isReadOnly() {
    return readOnly;
  }

  /** Why there is none. */
  NoAnswerException notConnected() {
    return readOnly ? NoAnswerException.readOnly() : NoAnswerException.notConnected();
  }

  @Override
  public void stateChanged(CuratorFramework client, ConnectionState state) {
    readOnly = state == ConnectionState.READ_ONLY;
    if (readOnly || !state.isConnected()) {
      failAll(notConnected());
    }
  }

  /** Fails every reply that is awaited now or later. */
  void end(Exception reason) {
    ended = reason;
    failAll(reason);
  }

  private void failAll(Exception reason) {
    awaited.forEach(fail -> fail.accept(reason));
  }
}
