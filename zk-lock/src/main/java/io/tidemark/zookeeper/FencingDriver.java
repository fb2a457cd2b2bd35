package io.tidemark.zookeeper;

import java.util.List;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.locks.PredicateResults;
import org.apache.curator.framework.recipes.locks.StandardLockInternalsDriver;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * Creates the node of one attempt at a mutex, and learns the fence: the node's czxid, which
 * ZooKeeper never repeats. (The sequence number in its name restarts at 0 once the parent was
 * deleted, and a mutex still claims to be owned after its session died.) Confined to one thread.
 */
final class FencingDriver extends StandardLockInternalsDriver {
  /** How often a parent may vanish between its creation and that of the node below it. */
  private static final int MAX_LOST_PARENTS = 20;

  private final String parent;
  private final String id;
  private Stat stat = new Stat();
  private @Nullable LockNode firstInLine;
  private boolean createdTwice;

  /**
   * A driver for one attempt.
   *
   * @param parent the path of the mutex
   * @param id becomes part of the node's name, so that it can be found again
   */
  FencingDriver(String parent, String id) {
    this.parent = parent;
    this.id = id;
  }

  /** Returns the fence of the holding. Call it only once the mutex is acquired. */
  long fence() {
    return stat.getCzxid();
  }

  /** Returns the node that holds the mutex. Call it only if the attempt did not acquire it. */
  LockNode firstInLine() {
    if (firstInLine == null) {
      throw new IllegalStateException("the mutex was not found to be held");
    }
    return firstInLine;
  }

  /**
   * Whether the attempt has an earlier node. A creation lost its reply, and the server that the
   * client moved to did not know the node yet, so that Curator did not find it and created another.
   */
  boolean createdTwice() {
    return createdTwice;
  }

  @Override
  public String createsTheLock(CuratorFramework client, String path, byte @Nullable [] data)
      throws Exception {
    String name = path.substring(parent.length() + 1);
    for (int lostParents = 0; ; lostParents++) {
      try {
        // The reply to the creation contains the stat, which saves a round trip.
        stat = new Stat();
        return client
            .create()
            .storingStatIn(stat)
            .creatingParentContainersIfNeeded()
            .withProtection()
            .withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
            .forPath(parent + '/' + id + '-' + name, LockNode.madeByThisProcess());
      } catch (KeeperException.NoNodeException e) {
        // Another holder released the lock and deleted the empty parent just after its creation
        // here. Curator would try again too, but only after the pause of its retry policy.
        if (lostParents == MAX_LOST_PARENTS) {
          throw e;
        }
      }
    }
  }

  @Override
  public PredicateResults getsTheLock(
      CuratorFramework client, List<String> children, String node, int maxLeases) throws Exception {
    List<String> line = LockNode.inLine(children);
    List<String> before = line.subList(0, Math.max(0, line.indexOf(node)));
    createdTwice = before.stream().anyMatch(name -> name.contains(id));
    LockNode first = LockNode.first(client, parent, before).orElse(null);
    List<String> counted =
        Stream.concat(
                Stream.ofNullable(first).map(LockNode::name), line.stream().filter(node::equals))
            .toList();
    PredicateResults results = super.getsTheLock(client, counted, node, maxLeases);
    if (first != null) {
      firstInLine = first;
    } else if (stat.getCzxid() == 0) {
      // The reply to the creation was lost, and Curator found the node instead. The stat is read
      // here and not in createsTheLock because Curator deletes the node if this method throws.
      client.getData().storingStatIn(stat).forPath(parent + '/' + node);
    }
    return results;
  }
}
