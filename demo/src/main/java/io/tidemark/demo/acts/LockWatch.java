package io.tidemark.demo.acts;

import java.time.Duration;
import java.util.List;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;

/** The launcher's own look at one lock in ZooKeeper. Not thread-safe. */
final class LockWatch implements AutoCloseable {
  private final ZooKeeper zookeeper;
  private final String lock;

  private LockWatch(ZooKeeper zookeeper, String lock) {
    this.zookeeper = zookeeper;
    this.lock = lock;
  }

  /**
   * Connects.
   *
   * @param lock the node whose children hold or queue
   * @param session how long ZooKeeper may be silent
   */
  static LockWatch open(String address, String lock, Duration session) throws Exception {
    return new LockWatch(
        new ZooKeeper(address, Math.toIntExact(session.toMillis()), event -> {}), lock);
  }

  /** The nodes that hold the lock or queue for it. */
  List<String> nodes() throws Exception {
    try {
      return zookeeper.getChildren(lock, false);
    } catch (KeeperException.NoNodeException e) {
      return List.of();
    }
  }

  @Override
  public void close() {
    try {
      zookeeper.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
