package io.tidemark.zookeeper;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
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
 * parent that did not exist, no other node can be before it. Both requests are sent at once and
 * answered on the thread of ZooKeeper's client that tells of events, so that nobody has to wait for
 * them. Immutable.
 *
 * @param path the node
 * @param czxid the transaction
 */
record FirstNode(String path, long czxid) {
  private static final int ANY_VERSION = -1;

  /**
   * Creates both nodes, or none. Does not try again after a lost reply: the parent would be there.
   * Does not block.
   *
   * @param id becomes part of the node's name, so that it can be found again
   * @return fails with {@link KeeperException.NodeExistsException} if the parent is there, and with
   *     {@link KeeperException.NoNodeException} if there is nothing to create the parent below.
   *     Unless ZooKeeper has refused, both may be there
   */
  static CompletableFuture<FirstNode> create(CuratorFramework curator, String parent, String id) {
    return sent(
        curator,
        parent,
        () -> {
          // In a transaction, Curator would tell its ACL provider paths without their namespace.
          CuratorFramework whole = curator.usingNamespace(null);
          String key = ZKPaths.fixForNamespace(curator.getNamespace(), parent);
          String name =
              ProtectedUtils.toProtectedZNode(
                  id + '-' + LockNode.MUTEX_NAME, UUID.randomUUID().toString());
          return List.of(
              whole.transactionOp().create().withMode(CreateMode.CONTAINER).forPath(key).get(),
              whole
                  .transactionOp()
                  .create()
                  .withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
                  .forPath(key + '/' + name, LockNode.madeByThisProcess())
                  .get());
        },
        created -> {
          long czxid = ((CreateResult) created.get(0)).getStat().getCzxid();
          // With what the connect string ends with, which only other replies leave out.
          String path = ((CreateResult) created.get(1)).getPath();
          return new FirstNode(parent + path.substring(path.lastIndexOf('/')), czxid);
        });
  }

  /**
   * Deletes the node and its parent, or none. Does not block.
   *
   * @return fails with a {@link KeeperException}; see {@link #isAlone}
   */
  CompletableFuture<Void> deleteWithParent(CuratorFramework curator) {
    String parent = path.substring(0, path.lastIndexOf('/'));
    return sent(
        curator,
        parent,
        () -> {
          String namespace = curator.getNamespace();
          return List.of(
              Op.delete(ZKPaths.fixForNamespace(namespace, path), ANY_VERSION),
              Op.delete(ZKPaths.fixForNamespace(namespace, parent), ANY_VERSION));
        },
        deleted -> null);
  }

  /**
   * Whether a deletion failed because the node has to be deleted without its parent: others queue
   * there, the node has gone with its session, or the parent may not be deleted.
   */
  static boolean isAlone(Throwable failure) {
    return failure instanceof KeeperException.NotEmptyException
        || failure instanceof KeeperException.NoNodeException
        || failure instanceof KeeperException.NoAuthException;
  }

  private interface Operations {
    List<Op> get() throws Exception;
  }

  /**
   * Sends a transaction by ZooKeeper's client, because Curator does not return the stat, which
   * saves a round trip, and would try again.
   */
  @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, those who wait must hear of it.
  private static <T> CompletableFuture<T> sent(
      CuratorFramework curator,
      String about,
      Operations operations,
      Function<List<OpResult>, T> answer) {
    CompletableFuture<T> reply = new CompletableFuture<>();
    try {
      if (!curator.getZookeeperClient().isConnected()) {
        // Curator would wait for the connection.
        throw new KeeperException.ConnectionLossException();
      }
      curator
          .getZookeeperClient()
          .getZooKeeper()
          .multi(
              operations.get(),
              (code, path, context, results) -> {
                try {
                  if (code == KeeperException.Code.OK.intValue()) {
                    reply.complete(answer.apply(results));
                  } else {
                    reply.completeExceptionally(
                        KeeperException.create(KeeperException.Code.get(code), about));
                  }
                } catch (Throwable e) {
                  reply.completeExceptionally(e);
                }
              },
              null);
    } catch (Throwable e) {
      reply.completeExceptionally(e);
    }
    return reply;
  }
}
