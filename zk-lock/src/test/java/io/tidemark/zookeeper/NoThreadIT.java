package io.tidemark.zookeeper;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static io.tidemark.zookeeper.ZooKeeperServers.connect;
import static io.tidemark.zookeeper.ZooKeeperServers.startServer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.UnavailableException;
import io.tidemark.spi.DaemonThreads;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of attempts and releases while no thread can be started. */
final class NoThreadIT {
  private static final SlotKey KEY = new SlotKey("users", "42");
  private static final String CACHE_LOCKS = "/tidemark/users/locks";

  private final TestingServer server = startServer();
  private final CuratorFramework curator = connect(server.getConnectString());
  private final CuratorFramework otherCurator = connect(server.getConnectString());
  private final FewThreads factory = new FewThreads();
  private final ZooKeeperLocks locks = ZooKeeperLocks.create(curator, pool(factory));
  private final ZooKeeperLocks otherLocks = ZooKeeperLocks.create(otherCurator);

  NoThreadIT() throws Exception {
    curator.create().creatingParentsIfNeeded().forPath(CACHE_LOCKS);
  }

  @AfterEach
  void stop() throws Exception {
    locks.close();
    otherLocks.close();
    curator.close();
    otherCurator.close();
    server.close();
  }

  /** Throws what the virtual machine throws when the system gives it no thread. */
  private static final class FewThreads implements ThreadFactory {
    private volatile boolean exhausted;

    @Override
    public Thread newThread(Runnable task) {
      if (exhausted) {
        throw new OutOfMemoryError("unable to create native thread");
      }
      return DaemonThreads.named(ZooKeeperLocks.THREAD_NAME).newThread(task);
    }
  }

  /** No thread of it stays, so that each task needs a new one. */
  private static ExecutorService pool(ThreadFactory factory) {
    return new ThreadPoolExecutor(
        0, Integer.MAX_VALUE, 0, TimeUnit.SECONDS, new SynchronousQueue<>(), factory);
  }

  @Test
  void tryAcquire_moreOftenThanAttemptsMayBeUnderWay_failsAndKeepsNoPlace() throws Exception {
    try (LockHandle handle = acquireOnceFree(otherLocks, KEY)) {
      assertThat(handle.fence()).isPositive();
      factory.exhausted = true;
      for (int i = 0; i <= ZooKeeperLocks.MAX_ATTEMPTS; i++) {
        assertThatThrownBy(() -> locks.tryAcquire(KEY, patience()))
            .isInstanceOf(UnavailableException.class)
            .hasRootCauseInstanceOf(OutOfMemoryError.class);
      }
      factory.exhausted = false;

      assertThat(locks.tryAcquire(KEY, patience())).isInstanceOf(Held.class);
    }
  }

  @Test
  void close_needsAThread_freesTheKeyWithoutAnotherAttempt() throws Exception {
    LockHandle handle = acquireOnceFree(locks, KEY);
    queueSomebody();
    factory.exhausted = true;

    handle.close();

    await().until(() -> nodes() == 1);
  }

  @Test
  void closeOfTheLocks_whileOthersQueue_freesTheKey() throws Exception {
    LockHandle handle = acquireOnceFree(locks, KEY);
    assertThat(handle.fence()).isPositive();
    queueSomebody();

    locks.close();

    await().until(() -> nodes() == 1);
  }

  /** Then the holder's node cannot be deleted together with its parent. */
  private void queueSomebody() throws Exception {
    otherCurator.create().forPath(CACHE_LOCKS + "/42/somebody");
  }

  private int nodes() throws Exception {
    return otherCurator.getChildren().forPath(CACHE_LOCKS + "/42").size();
  }
}
