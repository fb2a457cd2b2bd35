package io.tidemark.demo.acts;

import java.util.ArrayList;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;

/** The launcher's own eyes on the locks: the ephemeral nodes in ZooKeeper. Thread-safe. */
final class LockNodes {
  private static final String ROOT = "/tidemark";

  // What ZooKeeper says instead of a session of nodes that belong to none.
  private static final long PERSISTENT = 0;
  private static final long CONTAINER = Long.MIN_VALUE;

  private final CuratorFramework curator;

  LockNodes(CuratorFramework curator) {
    this.curator = curator;
  }

  /** The paths of the nodes of those who hold a lock or queue for one. */
  List<String> held() throws Exception {
    List<String> found = new ArrayList<>();
    collect(ROOT, found);
    return found;
  }

  /** Whether such a node is still there. */
  boolean exists(String path) throws Exception {
    return curator.checkExists().forPath(path) != null;
  }

  private void collect(String path, List<String> found) throws Exception {
    Stat stat = curator.checkExists().forPath(path);
    if (stat == null) {
      return;
    }
    if (stat.getEphemeralOwner() != PERSISTENT && stat.getEphemeralOwner() != CONTAINER) {
      found.add(path);
      return;
    }
    try {
      for (String child : curator.getChildren().forPath(path)) {
        collect(path + "/" + child, found);
      }
    } catch (KeeperException.NoNodeException e) {
      // gone between the two looks, and so is what was in it
    }
  }
}
