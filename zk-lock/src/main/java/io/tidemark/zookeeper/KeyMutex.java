package io.tidemark.zookeeper;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at the mutex of one key. For one thread, which may block for as long as Curator does:
 * a mutex belongs to the thread that acquired it. Used once, because a mutex that is acquired again
 * after its session died answers without asking ZooKeeper.
 */
final class KeyMutex {
  private static final Logger log = LoggerFactory.getLogger(KeyMutex.class);

  private static final long RETRY_PAUSE_MILLIS = 200;

  private final CuratorFramework curator;
  private final String parent;
  private final String id = UUID.randomUUID().toString();
  private final FencingDriver driver;
  private final InterProcessMutex mutex;
  private boolean contended;

  KeyMutex(CuratorFramework curator, String parent) {
    this.curator = curator;
    this.parent = parent;
    this.driver = new FencingDriver(parent, id);
    this.mutex = new InterProcessMutex(curator, parent, driver);
  }

  /**
   * Acquires the mutex if nobody has it.
   *
   * @return the node of whoever has it, or empty if it is acquired
   * @throws SetupException if it cannot be had until somebody mends the set-up
   * @throws Exception as Curator does; then, too, {@link #removeNodes} is due
   */
  Optional<LockNode> tryAcquire() throws Exception {
    try {
      Optional<LockNode> holder = holder();
      return holder.isPresent() ? holder : contend();
    } catch (KeeperException e) {
      throw isOfTheMoment(e)
          ? e
          : new SetupException("ZooKeeper refuses the lock %s: %s".formatted(parent, e.code()), e);
    }
  }

  /** The second half of {@link #tryAcquire}, after a look that saw nobody. Answers like it. */
  Optional<LockNode> contend() throws Exception {
    contended = true;
    if (mutex.acquire(0, TimeUnit.NANOSECONDS)) {
      return Optional.empty();
    }
    deleteParentInBackground();
    return Optional.of(driver.firstInLine());
  }

  /**
   * The node of whoever has the mutex. Looking costs a fifth of a failing attempt, which makes a
   * node and deletes it.
   */
  private Optional<LockNode> holder() throws Exception {
    List<String> children;
    try {
      children = curator.getChildren().forPath(parent);
    } catch (KeeperException.NoNodeException e) {
      makeParent();
      return Optional.empty();
    }
    return LockNode.first(curator, parent, LockNode.inLine(children));
  }

  /** Curator would make it too, but only after five round trips to find out what is missing. */
  private void makeParent() throws Exception {
    try {
      curator.create().withMode(CreateMode.CONTAINER).forPath(parent);
    } catch (KeeperException.NodeExistsException e) {
      // Somebody was faster.
    } catch (KeeperException.NoNodeException e) {
      // It is the first lock of its cache: then Curator makes the path. Or all of it is amiss.
      checkRoot(e);
    }
  }

  /** Without the node that a connect string ends with, nothing can be made below it. */
  private void checkRoot(KeeperException.NoNodeException cause) throws Exception {
    if (curator.usingNamespace(null).checkExists().forPath("/") == null) {
      String address = curator.getZookeeperClient().getCurrentConnectionString();
      throw new SetupException(
          "ZooKeeper has no node %s, which the connect string %s ends with: create it"
              .formatted(address.substring(Math.max(0, address.indexOf('/'))), address),
          cause);
    }
  }

  /** Whether another try may fare better, or has to find out what became of this one. */
  private static boolean isOfTheMoment(KeeperException e) {
    return switch (e.code()) {
      case CONNECTIONLOSS,
          OPERATIONTIMEOUT,
          REQUESTTIMEOUT,
          SESSIONEXPIRED,
          SESSIONMOVED,
          NONODE,
          SYSTEMERROR,
          RUNTIMEINCONSISTENCY ->
          true;
      default -> false;
    };
  }

  /** The fence of this holding; only after it was acquired. */
  long fence() {
    return driver.fence();
  }

  /**
   * Gives the acquired mutex back; returns when it is free, or when the session was given up. Goes
   * on after an {@link Error} too: nobody else can give it back.
   */
  void release() {
    try {
      mutex.release();
      deleteParentInBackground();
    } catch (Throwable e) {
      log.debug("Could not release {} at once; trying on", parent, e);
      removeNodes();
    }
  }

  /**
   * Deletes what this attempt made, where nobody knows what that is: a creation or a deletion lost
   * its reply. Tries until ZooKeeper has answered or Curator is closed, because a node that stayed
   * would keep the key locked for as long as this process lives. Curator itself goes on trying too,
   * but not under every retry policy.
   */
  void removeNodes() {
    while (contended) {
      try {
        if (curator.getState() != CuratorFrameworkState.STARTED) {
          return;
        }
        // Not by Curator's own state: with a request of its own that failed late it calls a client
        // that is connected again suspended, and then waits for the session's timeout.
        if (curator.getZookeeperClient().isConnected()) {
          // Without it, a server that lags could show the line before the creation.
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
          log.warn("May not remove the nodes of {} under {}, if there are any", id, parent, e);
          return;
        }
        log.debug("Could not remove the nodes of {} under {}; trying on", id, parent, e);
        pause();
      }
    }
  }

  /**
   * Millions of keys must not leave millions of nodes, and the server itself reaps empty containers
   * only at a limited rate. It is still the one that reaps what this leaves behind.
   */
  private void deleteParentInBackground() {
    try {
      curator
          .delete()
          .quietly()
          .inBackground(
              (client, event) -> {
                // Whatever it is: mostly that others queue there by now.
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
      // Nobody interrupts these threads. If somebody did, a node left behind would be worse.
    }
  }
}
