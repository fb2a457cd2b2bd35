package io.tidemark.zookeeper;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at the mutex of one key. What may block is confined to one thread, because a mutex
 * belongs to the thread that acquired it; the thread may block as long as Curator does. Before that
 * thread, an attempt may {@link #begin} without one. Single-use, because a mutex that is acquired
 * again after its session died answers without asking ZooKeeper.
 */
final class KeyMutex {
  private static final Logger log = LoggerFactory.getLogger(KeyMutex.class);

  private static final long RETRY_PAUSE_MILLIS = 200;

  private final CuratorFramework curator;
  private final String parent;
  private final String id = UUID.randomUUID().toString();
  private final FencingDriver driver;
  private final InterProcessMutex mutex;

  /** Written before the attempt is answered, or goes on on its thread. */
  private volatile @Nullable FirstNode first;

  private volatile boolean contended;

  KeyMutex(CuratorFramework curator, String parent) {
    this.curator = curator;
    this.parent = parent;
    this.driver = new FencingDriver(parent, id);
    this.mutex = new InterProcessMutex(curator, parent, driver);
  }

  /**
   * Acquires the mutex if there is no node of the key. Does not block. A refusal is a write for the
   * servers, as an acquisition is.
   *
   * @return whether it is acquired; if not, {@link #tryAcquire} tells more. Fails if that is not
   *     known; {@link #removeNodes} must follow
   */
  CompletableFuture<Boolean> begin() {
    contended = true;
    CompletableFuture<Boolean> acquired = new CompletableFuture<>();
    CompletableFuture<?> unused =
        FirstNode.create(curator, parent, id)
            .whenComplete(
                (created, failure) -> {
                  first = created;
                  if (failure == null || isRefusal(failure)) {
                    acquired.complete(failure == null);
                  } else {
                    acquired.completeExceptionally(failure);
                  }
                });
    return acquired;
  }

  /** Whether ZooKeeper has answered that it does not create the nodes. */
  private static boolean isRefusal(Throwable failure) {
    return failure instanceof KeeperException answer
        && (answer instanceof KeeperException.NoNodeException || !isOfTheMoment(answer));
  }

  /**
   * Acquires the mutex if it is free, after a look for its holder.
   *
   * @return the node of its holder, or empty if it is acquired
   * @throws SetupException if it cannot be acquired until the set-up is corrected
   * @throws Exception as Curator does; {@link #removeNodes} must follow
   */
  Optional<LockNode> tryAcquire() throws Exception {
    try {
      Optional<List<String>> children = children();
      if (children.isEmpty()) {
        if (createFirst()) {
          return Optional.empty();
        }
        children = children();
      }
      // Looking costs a fifth of a failed attempt, which creates a node and deletes it.
      List<String> line = LockNode.inLine(children.orElse(List.of()));
      Optional<LockNode> holder = LockNode.first(curator, parent, line);
      return holder.isPresent() ? holder : contend();
    } catch (KeeperException e) {
      throw isOfTheMoment(e)
          ? e
          : new SetupException("ZooKeeper refuses the lock %s: %s".formatted(parent, e.code()), e);
    }
  }

  /**
   * The second half of {@link #tryAcquire}, after a look that found no holder. Returns the same.
   */
  Optional<LockNode> contend() throws Exception {
    contended = true;
    if (mutex.acquire(0, TimeUnit.NANOSECONDS)) {
      return Optional.empty();
    }
    if (driver.createdTwice()) {
      // Its earlier node would hold the lock for as long as the session lives.
      throw new NoAnswerException("the reply to the creation of a node was lost");
    }
    deleteParentInBackground();
    return Optional.of(driver.firstInLine());
  }

  /** Returns the names of the nodes below the parent, or empty if there is no parent. */
  private Optional<List<String>> children() throws Exception {
    try {
      return Optional.of(curator.getChildren().forPath(parent));
    } catch (KeeperException.NoNodeException e) {
      return Optional.empty();
    }
  }

  /** Acquires the mutex if there is still no parent. Returns whether it is acquired. */
  private boolean createFirst() throws Exception {
    contended = true;
    try {
      first = answered(FirstNode.create(curator, parent, id));
      return true;
    } catch (KeeperException.NodeExistsException e) {
      // Another process was faster.
      return false;
    } catch (KeeperException.NoNodeException e) {
      // The first lock of its cache, whose path Curator will create; or even the root is missing.
      checkRoot(e);
      return false;
    }
  }

  /** If the node that the connect string ends with is missing, nothing can be created below it. */
  private void checkRoot(KeeperException.NoNodeException cause) throws Exception {
    if (isRootMissing()) {
      String address = curator.getZookeeperClient().getCurrentConnectionString();
      throw new SetupException(
          "ZooKeeper has no node %s, which the connect string %s ends with: create it"
              .formatted(address.substring(Math.max(0, address.indexOf('/'))), address),
          cause);
    }
  }

  private boolean isRootMissing() throws Exception {
    try {
      return curator.usingNamespace(null).checkExists().forPath("/") == null;
    } catch (KeeperException.NoAuthException e) {
      // It is there, and may not be read, which is not needed.
      return false;
    }
  }

  /** Whether another try may succeed, or must find out what became of this one. */
  static boolean isOfTheMoment(KeeperException e) {
    return switch (e.code()) {
      case CONNECTIONLOSS,
          OPERATIONTIMEOUT,
          REQUESTTIMEOUT,
          SESSIONEXPIRED,
          SESSIONMOVED,
          // The server has too much to do, and has not done it.
          THROTTLEDOP,
          // The server has no majority, and serves reads only.
          NOTREADONLY,
          NONODE,
          SYSTEMERROR,
          RUNTIMEINCONSISTENCY ->
          true;
      default -> false;
    };
  }

  /** Returns the fence of this holding. Call it only once the mutex is acquired. */
  long fence() {
    FirstNode created = first;
    return created == null ? driver.fence() : created.czxid();
  }

  /** Whether the acquired mutex needs no thread, so that {@link #beginRelease} releases it. */
  boolean needsNoThread() {
    return first != null;
  }

  /**
   * Releases the acquired mutex, if it needs no thread. Does not block.
   *
   * @return fails if more is to be done; {@link #endRelease} must follow
   */
  CompletableFuture<Void> beginRelease() {
    return Objects.requireNonNull(first).deleteWithParent(curator);
  }

  /**
   * Releases the mutex that could not be released without a thread. Returns as {@link #release}.
   *
   * @param failure why it could not
   */
  void endRelease(Throwable failure) {
    try {
      FirstNode created = first;
      if (created != null && FirstNode.isAlone(failure)) {
        curator.delete().quietly().forPath(created.path());
        deleteParentInBackground();
        return;
      }
    } catch (Throwable e) {
      failure.addSuppressed(e);
    }
    log.debug("Could not release {} at once; trying again", parent, failure);
    removeNodes();
  }

  /**
   * Releases the acquired mutex. Returns when it is free, or when Curator is closed. Continues
   * after an {@link Error} too: no other thread can release it.
   */
  void release() {
    try {
      if (needsNoThread()) {
        answered(beginRelease());
      } else {
        mutex.release();
        deleteParentInBackground();
      }
    } catch (Throwable e) {
      endRelease(e);
    }
  }

  /** Waits for a reply. Throws what it failed with. */
  private static <T> T answered(CompletableFuture<T> reply) throws Exception {
    try {
      return reply.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e;
    }
  }

  /**
   * Deletes the nodes of this attempt when it is unknown whether any exist, because a creation or a
   * deletion lost its reply. Tries until ZooKeeper has answered or Curator is closed: a node that
   * stayed would keep the key locked for as long as this process lives. Curator keeps trying too,
   * but not with every retry policy.
   */
  void removeNodes() {
    while (contended) {
      try {
        if (curator.getState() != CuratorFrameworkState.STARTED) {
          return;
        }
        // Not Curator's own state: after a background request that failed late, it reports a client
        // that is connected again as suspended, and then waits for the session's timeout.
        if (curator.getZookeeperClient().isConnected()) {
          // Without it, a server that lags could show the children from before the creation.
          curator.sync().forPath(parent);
          for (String node : curator.getChildren().forPath(parent)) {
            if (node.contains(id)) {
              curator.delete().quietly().forPath(parent + '/' + node);
            }
          }
          deleteParentInBackground();
          return;
        }
        pause();
      } catch (KeeperException.NoNodeException e) {
        // Nothing is left, not even the parent.
        return;
      } catch (Throwable e) {
        if (e instanceof KeeperException refusal && !isOfTheMoment(refusal)) {
          log.warn(
              "Not allowed to delete the nodes of {} under {}, if there are any", id, parent, e);
          return;
        }
        log.debug("Could not delete the nodes of {} under {}; trying again", id, parent, e);
        pause();
      }
    }
  }

  /**
   * Millions of keys must not leave millions of nodes, and the server reaps empty containers only
   * at a limited rate. It still reaps those that this leaves behind.
   */
  private void deleteParentInBackground() {
    try {
      curator
          .delete()
          .quietly()
          .inBackground(
              (client, event) -> {
                // Any outcome is fine: mostly, others queue there by now.
              })
          .forPath(parent);
    } catch (Throwable e) {
      log.debug("Could not delete {}", parent, e);
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(RETRY_PAUSE_MILLIS);
    } catch (InterruptedException e) {
      // Nobody interrupts these threads. If somebody did, a node that stays would be worse.
    }
  }
}
