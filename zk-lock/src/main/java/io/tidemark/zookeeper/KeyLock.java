package io.tidemark.zookeeper;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.LockInternals;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at the mutex of one key. For one thread, which may block for as long as Curator does:
 * a mutex belongs to the thread that acquired it. Used once, because a mutex that is acquired again
 * after its session died answers without asking ZooKeeper.
 */
final class KeyLock {
  private static final Logger log = LoggerFactory.getLogger(KeyLock.class);

  /** What Curator puts before the sequence number of a mutex's node. */
  private static final String NODE_NAME = "lock-";

  private static final long RETRY_PAUSE_MILLIS = 200;

  private final CuratorFramework curator;
  private final String parent;
  private final String id = UUID.randomUUID().toString();
  private final FencingDriver driver;
  private final InterProcessMutex mutex;
  private boolean contended;

  KeyLock(CuratorFramework curator, String parent) {
    this.curator = curator;
    this.parent = parent;
    this.driver = new FencingDriver(parent, id);
    this.mutex = new InterProcessMutex(curator, parent, driver);
  }

  /**
   * Acquires the mutex if nobody has it.
   *
   * @return the node of whoever has it, or empty if it is acquired
   * @throws Exception as Curator does; then {@link #removeNodes} is due
   */
  Optional<String> tryAcquire() throws Exception {
    List<String> line = line();
    return line.isEmpty() ? contend() : Optional.of(parent + '/' + line.get(0));
  }

  /** The second half of {@link #tryAcquire}, after a look that saw nobody. Answers like it. */
  Optional<String> contend() throws Exception {
    contended = true;
    if (mutex.acquire(0, TimeUnit.NANOSECONDS)) {
      return Optional.empty();
    }
    deleteParentInBackground();
    return Optional.of(driver.firstInLine());
  }

  /**
   * Who queues for the mutex, the holder first. Looking costs a fifth of a failing attempt, which
   * makes a node and deletes it.
   */
  private List<String> line() throws Exception {
    List<String> nodes;
    try {
      nodes = curator.getChildren().forPath(parent);
    } catch (KeeperException.NoNodeException e) {
      makeParent();
      return List.of();
    }
    return LockInternals.getSortedChildren(NODE_NAME, driver, nodes);
  }

  /** Curator would make it too, but only after five round trips to find out what is missing. */
  private void makeParent() throws Exception {
    try {
      curator.create().withMode(CreateMode.CONTAINER).forPath(parent);
    } catch (KeeperException.NodeExistsException | KeeperException.NoNodeException e) {
      // Somebody was faster, or it is the first lock of its cache: then Curator makes the path.
    }
  }

  /** The fence of this holding; only after it was acquired. */
  long fence() {
    return driver.fence();
  }

  /** Gives the acquired mutex back; returns when it is free, or when the session was given up. */
  void release() {
    try {
      mutex.release();
      deleteParentInBackground();
    } catch (Exception e) {
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
    while (contended && curator.getState() == CuratorFrameworkState.STARTED) {
      try {
        if (curator.blockUntilConnected(1, TimeUnit.SECONDS)) {
          // Without it, a server that lags could show the line before the creation.
          curator.sync().forPath(parent);
          for (String node : LockInternals.getSortedChildren(curator, parent, NODE_NAME, driver)) {
            if (node.contains(id)) {
              curator.delete().quietly().forPath(parent + '/' + node);
            }
          }
          deleteParentInBackground();
          return;
        }
      } catch (Exception e) {
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
    } catch (Exception e) {
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
