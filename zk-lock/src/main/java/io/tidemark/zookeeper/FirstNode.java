package io.tidemark.zookeeper;

import java.util.List;
import java.util.UUID;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.imps.ProtectedUtils;
import org.apache.curator.utils.ZKPaths;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.CreateResult;

/**
 * A node that was created together with its parent, in one transaction. It holds the lock: below a
 * parent that did not exist, no other node can be before it. Immutable.
 *
 * @param path the node
 * @param czxid the transaction
 */
record FirstNode(String path, long czxid) {

  /**
   * Creates both nodes, or none. Does not try again after a lost reply: the parent would be there.
   *
   * @param id becomes part of the node's name, so that it can be found again
   * @throws KeeperException.NodeExistsException if the parent is there
   * @throws KeeperException.NoNodeException if there is nothing to create the parent below
   * @throws Exception likewise if something else is amiss; after a lost reply, both may be there
   */
  static FirstNode create(CuratorFramework curator, String parent, String id) throws Exception {
    // In a transaction, Curator would tell its ACL provider paths without their namespace.
    CuratorFramework whole = curator.usingNamespace(null);
    String key = ZKPaths.fixForNamespace(curator.getNamespace(), parent);
    String name =
        ProtectedUtils.toProtectedZNode(
            id + '-' + LockNode.MUTEX_NAME, UUID.randomUUID().toString());
    Op container = whole.transactionOp().create().withMode(CreateMode.CONTAINER).forPath(key).get();
    Op node =
        whole
            .transactionOp()
            .create()
            .withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
            .forPath(key + '/' + name, LockNode.madeByThisProcess())
            .get();
    // By ZooKeeper's client, because Curator does not return the stat, which saves a round trip.
    List<OpResult> created =
        curator.getZookeeperClient().getZooKeeper().multi(List.of(container, node));
    long czxid = ((CreateResult) created.get(0)).getStat().getCzxid();
    // With what the connect string ends with, which only other replies leave out.
    String path = ((CreateResult) created.get(1)).getPath();
    return new FirstNode(parent + path.substring(path.lastIndexOf('/')), czxid);
  }
}
