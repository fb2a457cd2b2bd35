package io.tidemark.zookeeper;

import io.tidemark.spi.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;

/**
 * Checks what a client of ZooKeeper may do with the nodes of a cache's locks, and what else is
 * there. It does on a key of its own, step by step, what a lock needs, because ZooKeeper does not
 * say which permission it missed. Blocks as long as Curator does.
 */
final class ZooKeeperSetup {
  static final int MOST_KEYS_CHECKED = 1_000;

  static final String CHECKED_KEY = "tidemark-check";

  private static final String PERMISSIONS = "ZooKeeper permissions";
  private static final String ADD = "let an administrator add it with setAcl";
  private static final String CREATE = "create (c)";
  private static final String READ = "read (r)";
  private static final String DELETE = "delete (d)";

  private final CuratorFramework curator;

  /** The same client without a namespace. */
  private final CuratorFramework whole;

  private final String locks;
  private final List<Finding> findings = new ArrayList<>();

  /** A check of one cache's locks. Single-use. */
  ZooKeeperSetup(CuratorFramework curator, String cache) {
    this.curator = curator;
    this.whole = curator.usingNamespace(null);
    this.locks = LockPath.ofCache(cache);
  }

  /**
   * Finds permissions that are missing, and nodes below keys that are not locks.
   *
   * @throws SetupException if ZooKeeper refuses for another reason
   */
  List<Finding> check() throws Exception {
    try {
      if (haveParents()) {
        checkKey(locks + '/' + CHECKED_KEY + '-' + UUID.randomUUID());
        findStrangers();
      }
    } catch (KeeperException.NotReadOnlyException e) {
      findings.add(Ensemble.READ_ONLY);
    } catch (KeeperException.NoNodeException e) {
      // Reaped meanwhile, or even the root is missing: an attempt at a lock tells.
    } catch (KeeperException e) {
      throw KeyMutex.isOfTheMoment(e)
          ? e
          : new SetupException("ZooKeeper refuses the locks: " + e.code(), e);
    }
    return List.copyOf(findings);
  }

  /** Makes the nodes above the keys as the first lock does, the client's namespace included. */
  private boolean haveParents() throws Exception {
    String namespace = curator.getNamespace();
    return (namespace.isEmpty() || haveAll(whole, '/' + namespace)) && haveAll(curator, locks);
  }

  private boolean haveAll(CuratorFramework client, String path) throws Exception {
    String parent = "";
    for (String name : path.substring(1).split("/", -1)) {
      String above = parent;
      String node = parent + '/' + name;
      // Servers ask for the permission to read a node that is looked for.
      boolean isThere =
          isAllowed(client, CREATE, above, () -> makeIfMissing(client, node))
              && isAllowed(client, READ, node, () -> client.checkExists().forPath(node));
      if (!isThere) {
        return false;
      }
      parent = node;
    }
    return true;
  }

  private static Object makeIfMissing(CuratorFramework client, String node) throws Exception {
    boolean isMissing;
    try {
      isMissing = client.checkExists().forPath(node) == null;
    } catch (KeeperException.NoAuthException e) {
      return node;
    }
    return isMissing ? create(client, node, CreateMode.CONTAINER) : node;
  }

  /** What is left if something is refused ends with the session, or is reaped by the server. */
  private void checkKey(String key) throws Exception {
    if (!isAllowed(CREATE, locks, () -> create(curator, key, CreateMode.CONTAINER))) {
      return;
    }
    String holder = key + '/' + LockNode.MUTEX_NAME;
    boolean isEmpty = true;
    if (isAllowed(CREATE, key, () -> create(curator, holder, CreateMode.EPHEMERAL))) {
      boolean unused =
          isAllowed(READ, key, () -> curator.getChildren().forPath(key))
              && isAllowed(READ, holder, () -> curator.getData().forPath(holder));
      isEmpty = isAllowed(DELETE, key, () -> curator.delete().forPath(holder));
    }
    if (isEmpty) {
      removeKey(key);
    }
  }

  /** Only a warning: the server reaps what is left, but only so many nodes a minute. */
  private void removeKey(String key) throws Exception {
    try {
      curator.delete().forPath(key);
    } catch (KeeperException.NoAuthException e) {
      findings.add(
          Finding.warning(
              PERMISSIONS,
              lacks(curator, DELETE, locks) + "nodes of keys stay until the server reaps them",
              ADD));
    }
  }

  private static Object create(CuratorFramework client, String path, CreateMode mode)
      throws Exception {
    try {
      return client.create().withMode(mode).forPath(path);
    } catch (KeeperException.NodeExistsException e) {
      return path;
    }
  }

  private interface Step {
    Object take() throws Exception;
  }

  private boolean isAllowed(String permission, String path, Step step) throws Exception {
    return isAllowed(curator, permission, path, step);
  }

  private boolean isAllowed(CuratorFramework client, String permission, String path, Step step)
      throws Exception {
    try {
      Object unused = step.take();
      return true;
    } catch (KeeperException.NoAuthException e) {
      findings.add(
          Finding.error(
              PERMISSIONS,
              lacks(client, permission, path) + "keys cannot be locked, or are not released",
              ADD));
      return false;
    }
  }

  private static String lacks(CuratorFramework client, String permission, String path) {
    return "the user lacks %s on %s: ".formatted(permission, shown(client, path));
  }

  /** A path with the client's namespace, and what its connect string ends with. */
  private static String shown(CuratorFramework client, String path) {
    String address = client.getZookeeperClient().getCurrentConnectionString();
    String root = address.contains("/") ? address.substring(address.indexOf('/')) : "";
    String namespace = client.getNamespace().isEmpty() ? "" : '/' + client.getNamespace();
    String shown = root + namespace + path;
    return shown.isEmpty() ? "/" : shown;
  }

  /** Finds nodes below keys that do not have the name of a lock, or that never end. */
  private void findStrangers() throws Exception {
    Stat stat = curator.checkExists().forPath(locks);
    if (stat == null || stat.getNumChildren() > MOST_KEYS_CHECKED) {
      return;
    }
    List<String> keys = curator.getChildren().forPath(locks);
    // Another process may check at the same time.
    keys.removeIf(key -> key.startsWith(CHECKED_KEY));
    for (String key : keys) {
      for (String node : childrenOf(locks + '/' + key)) {
        String path = locks + '/' + key + '/' + node;
        if (!LockNode.isOurs(node) || isPersistent(path)) {
          findings.add(
              Finding.warning(
                  "ZooKeeper node " + path,
                  "Tidemark did not make it, and it holds no lock",
                  "delete it, and find out what creates such nodes"));
        }
      }
    }
  }

  private List<String> childrenOf(String path) throws Exception {
    try {
      return curator.getChildren().forPath(path);
    } catch (KeeperException.NoNodeException | KeeperException.NoAuthException e) {
      // It has gone, or another program made it for itself.
      return List.of();
    }
  }

  private boolean isPersistent(String path) throws Exception {
    Stat stat = curator.checkExists().forPath(path);
    return stat != null && stat.getEphemeralOwner() == 0;
  }
}
