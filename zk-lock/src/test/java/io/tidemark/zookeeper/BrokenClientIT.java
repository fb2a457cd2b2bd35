package io.tidemark.zookeeper;

import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static io.tidemark.zookeeper.ZooKeeperServers.connect;
import static io.tidemark.zookeeper.ZooKeeperServers.startServer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.spi.LockAttempt.Acquired;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.WatcherRemoveCuratorFramework;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Curator client that throws an {@link Error} once, as if this process were out of memory. */
final class BrokenClientIT {
  private static final SlotKey KEY = new SlotKey("users", "42");

  /** What Curator's mutex creates for itself before it is acquired. */
  private static final String OWN_CLIENT = "newWatcherRemoveCuratorFramework";

  private final TestingServer server = startServer();
  private final CuratorFramework curator = connect(server.getConnectString());
  private final ZooKeeperLocks locksOfAnotherProcess =
      ZooKeeperLocks.create(connect(server.getConnectString()));
  private final AtomicInteger failures = new AtomicInteger();
  private volatile String failing = "none";
  private ZooKeeperLocks locks;

  BrokenClientIT() throws Exception {}

  @BeforeEach
  void breakClient() {
    locks = ZooKeeperLocks.create(broken(CuratorFramework.class, curator));
  }

  @AfterEach
  void stop() throws Exception {
    locks.close();
    locksOfAnotherProcess.close();
    curator.close();
    server.close();
  }

  private <T> T broken(Class<T> type, T client) {
    return type.cast(
        Proxy.newProxyInstance(
            BrokenClientIT.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (method.getName().equals(failing) && failures.getAndDecrement() > 0) {
                throw new OutOfMemoryError("Java heap space");
              }
              try {
                Object result = method.invoke(client, arguments);
                return method.getName().equals(OWN_CLIENT)
                    ? broken(
                        WatcherRemoveCuratorFramework.class, (WatcherRemoveCuratorFramework) result)
                    : result;
              } catch (InvocationTargetException e) {
                throw Objects.requireNonNull(e.getCause());
              }
            }));
  }

  private void fail(String method, int times) {
    failures.set(times);
    failing = method;
  }

  @ParameterizedTest
  @ValueSource(strings = {"delete", "removeWatchers", "getState"})
  void close_clientThrowsAnError_lockIsGivenBackAllTheSame(String method) throws Exception {
    curator.create().creatingParentsIfNeeded().forPath(LockPath.of(KEY));
    LockHandle handle = ((Acquired) locks.tryAcquire(KEY, patience())).handle();
    fail(method, 2);
    handle.close();

    acquireOnceFree(locksOfAnotherProcess, KEY).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"getNamespace", "getZookeeperClient"})
  void close_ofAFirstNodeAndClientThrowsAnError_lockIsGivenBackAllTheSame(String method)
      throws Exception {
    curator.create().creatingParentsIfNeeded().forPath(LockPath.ofCache(KEY.cache()));
    LockHandle handle = ((Acquired) locks.tryAcquire(KEY, patience())).handle();
    fail(method, 1);
    handle.close();

    acquireOnceFree(locksOfAnotherProcess, KEY).close();
    assertThat(failures).hasValueLessThan(1);
  }

  @Test
  void tryAcquire_clientThrowsAnErrorAgainAndAgain_leavesRoomForOtherAttempts() throws Exception {
    int most = ZooKeeperLocks.MAX_ATTEMPTS;
    fail(OWN_CLIENT, most);
    for (int i = 0; i < most; i++) {
      assertThatThrownBy(() -> locks.tryAcquire(KEY, patience()))
          .isInstanceOf(OutOfMemoryError.class);
    }

    acquireOnceFree(locks, KEY).close();
  }
}
