package io.tidemark.zookeeper;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static io.tidemark.zookeeper.ZooKeeperServers.connect;
import static io.tidemark.zookeeper.ZooKeeperServers.startServer;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockAttempt.Acquired;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.CreateMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a lock costs ZooKeeper, as the server counts it. */
final class LockRequestsIT {
  private static final SlotKey KEY = new SlotKey("users", "42");
  private static final String TREE = ",name1=InMemoryDataTree";

  private final TestingServer server = startServer();
  private final CuratorFramework curator = connect(server.getConnectString());
  private final ZooKeeperLocks locks = ZooKeeperLocks.create(curator);
  private int nodesWithoutKeys;

  LockRequestsIT() throws Exception {}

  /**
   * What a server has been asked.
   *
   * @param requests all of them
   * @param writes those that the servers of an ensemble must agree on, also if they are refused
   */
  private record Asked(long requests, long writes) {}

  @BeforeEach
  void createWhatAllKeysShare() throws Exception {
    curator.create().creatingParentsIfNeeded().forPath(LockPath.ofCache(KEY.cache()));
    nodesWithoutKeys = nodes();
    acquireOnceFree(locks, KEY).close();
    awaitNoKey();
  }

  @AfterEach
  void stop() throws Exception {
    locks.close();
    curator.close();
    server.close();
  }

  @Test
  void tryAcquire_newKey_isOneRequest() throws Exception {
    Asked before = asked();

    try (LockHandle handle = acquireOnceFree(locks, KEY)) {
      assertThat(handle.fence()).isPositive();
      assertThat(since(before)).isEqualTo(new Asked(1, 1));
    }
  }

  @Test
  void tryAcquireContended_newKey_isTwoRequestsOfWhichOneWrites() throws Exception {
    Asked before = asked();

    LockAttempt attempt = locks.tryAcquireContended(KEY, patience());

    try (LockHandle handle = ((Acquired) attempt).handle()) {
      assertThat(handle.fence()).isPositive();
      assertThat(since(before)).isEqualTo(new Asked(2, 1));
    }
  }

  @Test
  void close_ofALockThatWasLookedFor_isOneRequest() throws Exception {
    LockHandle handle = ((Acquired) locks.tryAcquireContended(KEY, patience())).handle();
    Asked before = asked();

    handle.close();

    awaitNoKey();
    assertThat(since(before)).isEqualTo(new Asked(1, 1));
  }

  @Test
  void close_ofTheOnlyHolder_isOneRequest() throws Exception {
    LockHandle handle = acquireOnceFree(locks, KEY);
    Asked before = asked();

    handle.close();

    awaitNoKey();
    assertThat(since(before)).isEqualTo(new Asked(1, 1));
  }

  @Test
  void tryAcquireContended_held_isTwoRequestsAndNoWrite() throws Exception {
    try (LockHandle handle = acquireOnceFree(locks, KEY)) {
      assertThat(handle.fence()).isPositive();
      Asked before = asked();

      assertThat(locks.tryAcquireContended(KEY, patience())).isInstanceOf(Held.class);

      assertThat(since(before)).isEqualTo(new Asked(2, 0));
    }
  }

  @Test
  void tryAcquire_held_isThreeRequestsOfWhichOneWrites() throws Exception {
    try (LockHandle handle = acquireOnceFree(locks, KEY)) {
      assertThat(handle.fence()).isPositive();
      Asked before = asked();

      assertThat(locks.tryAcquire(KEY, patience())).isInstanceOf(Held.class);

      assertThat(since(before)).isEqualTo(new Asked(3, 1));
    }
  }

  @Test
  void tryAcquire_parentIsThere_isFourRequestsOfWhichTwoWrite() throws Exception {
    curator.create().withMode(CreateMode.CONTAINER).forPath(LockPath.of(KEY));
    Asked before = asked();

    try (LockHandle handle = acquireOnceFree(locks, KEY)) {
      assertThat(handle.fence()).isPositive();
      assertThat(since(before)).isEqualTo(new Asked(4, 2));
    }
  }

  private Asked since(Asked before) throws JMException {
    Asked now = asked();
    return new Asked(now.requests - before.requests, now.writes - before.writes);
  }

  private Asked asked() throws JMException {
    return new Asked(
        (long) ofServer("", "PacketsReceived"), Long.decode((String) ofServer(TREE, "LastZxid")));
  }

  /** Does not ask by a request, which would be counted. */
  private void awaitNoKey() {
    await().until(() -> nodes() == nodesWithoutKeys);
  }

  private int nodes() throws JMException {
    return (int) ofServer(TREE, "NodeCount");
  }

  private Object ofServer(String bean, String attribute) throws JMException {
    return ManagementFactory.getPlatformMBeanServer()
        .getAttribute(
            new ObjectName(
                "org.apache.ZooKeeperService:name0=StandaloneServer_port"
                    + server.getPort()
                    + bean),
            attribute);
  }
}
