package io.tidemark.zookeeper;

import io.tidemark.RefusedException;
import io.tidemark.UnavailableException;
import io.tidemark.testkit.Awaiting;
import io.tidemark.testkit.FreePort;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.RetryPolicy;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingCluster;
import org.apache.curator.test.TestingServer;
import org.apache.curator.test.WatchersDebug;
import org.apache.curator.utils.ZKPaths;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/** The servers and clients of the tests. */
final class ZooKeeperServers {
  /**
   * So long that a session ends only if a test ends it, and that no client gives up a silent
   * connection, as it would after two thirds of this time.
   */
  static final int SESSION_TIMEOUT_MILLIS = 600_000;

  private static final int DEFAULT_TICK = -1;

  /** Of clients with one address; by default, there are 60 at most. */
  private static final int NO_LIMIT = 0;

  /** A server that says nothing is given up after a ninth of it. */
  private static final int ENSEMBLE_SESSION_MILLIS = 60_000;

  private static final int READER_SESSION_MILLIS = 6_000;

  /** Also how long Curator waits for a lost connection before it asks its retry policy. */
  private static final int CONNECTION_TIMEOUT_MILLIS = 500;

  static {
    configure();
  }

  private ZooKeeperServers() {}

  /**
   * Makes servers of this process small: no admin port, no flush to disk, no extra threads. They do
   * not reap empty containers by themselves, so that a test sees what the locks delete.
   */
  private static void configure() {
    System.setProperty("zookeeper.admin.enableServer", "false");
    System.setProperty("zookeeper.forceSync", "no");
    System.setProperty("zookeeper.nio.numWorkerThreads", "0");
    System.setProperty("znode.container.checkIntervalMs", "" + Integer.MAX_VALUE);
    // A server without a majority serves clients that ask for no more; no others notice.
    System.setProperty("readonlymode.enabled", "true");
  }

  static TestingServer startServer() throws Exception {
    return new TestingServer(newSpec(), true);
  }

  static TestingCluster startCluster() throws Exception {
    return startCluster(DEFAULT_TICK);
  }

  /** Starts servers that give each other up after some of these ticks. */
  static TestingCluster startCluster(int tickMillis) throws Exception {
    TestingCluster cluster =
        new TestingCluster(newSpec(tickMillis), newSpec(tickMillis), newSpec(tickMillis));
    cluster.start();
    return cluster;
  }

  /** Uses a free port, and allows the session timeouts and clients that the tests ask for. */
  private static InstanceSpec newSpec() {
    return newSpec(DEFAULT_TICK);
  }

  private static InstanceSpec newSpec(int tickMillis) {
    return new InstanceSpec(
        null,
        FreePort.any(),
        FreePort.any(),
        FreePort.any(),
        true,
        -1,
        tickMillis,
        NO_LIMIT,
        Map.of("maxSessionTimeout", "" + SESSION_TIMEOUT_MILLIS));
  }

  /** Creates a connected client with the retry policy of Curator's examples. */
  static CuratorFramework connect(String address) throws Exception {
    return connect(address, new ExponentialBackoffRetry(1000, 3));
  }

  static CuratorFramework connect(String address, RetryPolicy retryPolicy) throws Exception {
    return connect(address, retryPolicy, SESSION_TIMEOUT_MILLIS);
  }

  /**
   * Creates a client likewise, which gives up a server that lets it connect and then says nothing,
   * as one without a majority may. It does so after a part of its session timeout, one for each
   * server, which must be shorter than a test waits.
   */
  static CuratorFramework connectToCluster(String address) throws Exception {
    return connect(address, new ExponentialBackoffRetry(1000, 3), SESSION_TIMEOUT_MILLIS / 4);
  }

  /**
   * Creates a client of several servers, which moves on after seconds from one that says nothing.
   */
  static CuratorFramework connectToEnsemble(String addresses) throws Exception {
    return connect(ensembleClient(addresses));
  }

  static CuratorFramework connectToEnsemble(String addresses, RetryPolicy retryPolicy)
      throws Exception {
    return connect(ensembleClient(addresses).retryPolicy(retryPolicy));
  }

  /**
   * Creates a client likewise, which also takes a server that has no majority: for a new session
   * only, and so not before the timeout of the one that it has lost.
   */
  static CuratorFramework connectReadingOnly(String addresses) throws Exception {
    return connect(
        ensembleClient(addresses).canBeReadOnly(true).sessionTimeoutMs(READER_SESSION_MILLIS));
  }

  private static CuratorFrameworkFactory.Builder ensembleClient(String addresses) {
    return CuratorFrameworkFactory.builder()
        .connectString(addresses)
        // It would learn the servers' own addresses, which are not those of their networks.
        .ensembleTracker(false)
        .sessionTimeoutMs(ENSEMBLE_SESSION_MILLIS)
        .connectionTimeoutMs(CONNECTION_TIMEOUT_MILLIS)
        .retryPolicy(new ExponentialBackoffRetry(100, 3));
  }

  private static CuratorFramework connect(
      String address, RetryPolicy retryPolicy, int sessionTimeoutMillis) throws Exception {
    return connect(
        CuratorFrameworkFactory.builder()
            .connectString(address)
            .sessionTimeoutMs(sessionTimeoutMillis)
            .connectionTimeoutMs(CONNECTION_TIMEOUT_MILLIS)
            .retryPolicy(retryPolicy));
  }

  /** Starts a client, and waits until it is connected. */
  static CuratorFramework connect(CuratorFrameworkFactory.Builder client) throws Exception {
    CuratorFramework curator = client.build();
    curator.start();
    if (!curator.blockUntilConnected(
        Math.toIntExact(Awaiting.LIMIT.toSeconds()), TimeUnit.SECONDS)) {
      throw new IllegalStateException("not connected");
    }
    return curator;
  }

  /** Waits until a server answers: a client may believe for a while that it is still connected. */
  static void awaitAnswer(CuratorFramework curator) {
    Awaiting.await().ignoreExceptions().until(() -> curator.checkExists().forPath("/") != null);
  }

  /**
   * Makes a call again for as long as it is unavailable for now, and fails with anything else. A
   * server that has answered may still give up its clients, when it notices that its leader is
   * gone.
   */
  static <T> T untilAvailable(Callable<T> call) {
    return Awaiting.await()
        .pollInSameThread()
        .ignoreExceptionsMatching(
            e -> e instanceof UnavailableException && !(e instanceof RefusedException))
        .until(call, answer -> true);
  }

  static long sessionId(CuratorFramework curator) throws Exception {
    return curator.getZookeeperClient().getZooKeeper().getSessionId();
  }

  /** Ends a client's session at the server, as its timeout would; the client notices later. */
  static void killSession(CuratorFramework curator, String address) throws Exception {
    ZooKeeper victim = curator.getZookeeperClient().getZooKeeper();
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper twin =
        new ZooKeeper(
            address,
            SESSION_TIMEOUT_MILLIS,
            event -> {
              if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
              }
            },
            victim.getSessionId(),
            victim.getSessionPasswd());
    connected.await();
    twin.close();
  }

  /** The number of nodes below a path; 0 if the path does not exist. */
  static int countBelow(CuratorFramework curator, String path) throws Exception {
    try {
      return curator.getZookeeperClient().getZooKeeper().getAllChildrenNumber(path);
    } catch (KeeperException.NoNodeException e) {
      return 0;
    }
  }

  /** The number of locks below a path, whose children are the containers of keys. */
  static int countLocks(CuratorFramework curator, String path) throws Exception {
    try {
      int locks = 0;
      for (String container : curator.getChildren().forPath(path)) {
        locks += countBelow(curator, path + '/' + container);
      }
      return locks;
    } catch (KeeperException.NoNodeException e) {
      return 0;
    }
  }

  /** The paths that a client watches below a path; Curator itself watches other nodes. */
  static List<String> watches(CuratorFramework curator, String path) throws Exception {
    return WatchersDebug.getDataWatches(curator.getZookeeperClient().getZooKeeper()).stream()
        .filter(node -> node.startsWith(path + '/'))
        .toList();
  }

  static void deleteTree(CuratorFramework curator, String path) throws Exception {
    try {
      ZKPaths.deleteChildren(curator.getZookeeperClient().getZooKeeper(), path, true);
    } catch (KeeperException.NoNodeException e) {
      // Another thread was faster.
    }
  }
}
