package io.tidemark.zookeeper;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static io.tidemark.zookeeper.ZooKeeperServers.connect;
import static io.tidemark.zookeeper.ZooKeeperServers.countBelow;
import static io.tidemark.zookeeper.ZooKeeperServers.deleteTree;
import static io.tidemark.zookeeper.ZooKeeperServers.killSession;
import static io.tidemark.zookeeper.ZooKeeperServers.sessionId;
import static io.tidemark.zookeeper.ZooKeeperServers.startServer;
import static io.tidemark.zookeeper.ZooKeeperServers.untilAvailable;
import static io.tidemark.zookeeper.ZooKeeperServers.watches;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.RefusedException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt.Acquired;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.framework.imps.DefaultACLProvider;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.RetryNTimes;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What only the ZooKeeper locks promise, with a server that is up: each test has its own, so that
 * the tests run in parallel.
 */
@Execution(ExecutionMode.CONCURRENT)
final class ZooKeeperLocksIT {
  private static final SlotKey KEY = new SlotKey("users", "42");
  private static final String PARENT = "/tidemark/users/locks/42";

  private final TestingServer server;
  private final CuratorFramework curator;
  private final CuratorFramework otherCurator;
  private final ZooKeeperLocks locks;
  private final ZooKeeperLocks otherLocks;

  ZooKeeperLocksIT() throws Exception {
    server = startServer();
    curator = connect(server.getConnectString());
    otherCurator = connect(server.getConnectString());
    locks = ZooKeeperLocks.create(curator);
    otherLocks = ZooKeeperLocks.create(otherCurator);
  }

  @AfterEach
  void stop() throws Exception {
    locks.close();
    otherLocks.close();
    curator.close();
    otherCurator.close();
    server.close();
  }

  @Test
  void check_nothingAmiss_isEmptyAndLeavesNoNode() throws Exception {
    assertThat(locks.check("users", patience())).isEmpty();

    await().until(() -> countBelow(curator, "/tidemark/users/locks") == 0);
  }

  @Test
  void crashNoticedWithin_connected_isLongerThanTheSessionThatWasGranted() throws Exception {
    int session = curator.getZookeeperClient().getZooKeeper().getSessionTimeout();

    assertThat(locks.crashNoticedWithin()).hasValue(Duration.ofMillis(session * 3L / 2));
  }

  @Test
  void crashNoticedWithin_noConnection_isNotKnown() throws Exception {
    server.stop();
    await().until(() -> !curator.getZookeeperClient().isConnected());

    assertThat(locks.crashNoticedWithin()).isEmpty();
  }

  @Test
  void check_noConnection_isAWarning() throws Exception {
    server.stop();
    await().until(() -> !curator.getZookeeperClient().isConnected());

    assertThat(locks.check("users", patience()))
        .singleElement()
        .satisfies(
            finding -> assertThat(finding.problem()).isEqualTo("there is no connection to it"));
  }

  @Test
  void fence_ofAHolding_isTheTransactionThatCreatedItsNode() throws Exception {
    try (LockHandle handle = acquire(locks)) {
      String node = curator.getChildren().forPath(PARENT).get(0);

      assertThat(handle.fence())
          .isEqualTo(curator.checkExists().forPath(PARENT + "/" + node).getCzxid());
    }
  }

  @Test
  void close_ofTheOnlyHolder_leavesNoNodeOfTheKey() throws Exception {
    acquire(locks).close();

    await().until(() -> countBelow(curator, "/tidemark/users/locks") == 0);
  }

  @Test
  void tryAcquire_held_makesNoNode() throws Exception {
    try (LockHandle handle = acquire(locks)) {
      assertThat(handle.fence()).isPositive();
      for (int i = 0; i < 20; i++) {
        assertThat(otherLocks.tryAcquire(KEY, patience())).isInstanceOf(Held.class);
      }

      assertThat(childrenEverMade(PARENT)).isEqualTo(1);
    }
  }

  @Test
  void tryAcquire_holderAppearsAfterTheLook_isHeldAndLeavesNoNode() throws Exception {
    try (LockHandle handle = acquire(locks)) {
      assertThat(handle.fence()).isPositive();
      String holder = PARENT + "/" + curator.getChildren().forPath(PARENT).get(0);

      assertThat(new KeyMutex(otherCurator, PARENT).contend()).map(LockNode::path).contains(holder);

      assertThat(childrenEverMade(PARENT)).isEqualTo(2);
      assertThat(curator.getChildren().forPath(PARENT)).hasSize(1);
    }
  }

  @Test
  void tryAcquire_anotherAcquiresAfterTheLook_isHeldAndMakesNoNode() throws Exception {
    createParentOfKeys();
    KeyMutex first = new KeyMutex(otherCurator, PARENT);
    try (CuratorFramework slower =
        connectAndRun(
            path -> path.equals(PARENT), () -> assertThat(first.tryAcquire()).isEmpty())) {
      Optional<LockNode> holder = new KeyMutex(slower, PARENT).tryAcquire();

      String node = PARENT + "/" + curator.getChildren().forPath(PARENT).get(0);
      assertThat(holder).map(LockNode::path).contains(node);
      assertThat(childrenEverMade(PARENT)).isEqualTo(1);
      first.release();
      assertThat(curator.checkExists().forPath(PARENT)).isNull();
    }
  }

  @Test
  void tryAcquire_parentAppearsAfterTheLook_isAcquiredAndLeavesNoNode() throws Exception {
    createParentOfKeys();
    try (CuratorFramework slower =
        connectAndRun(
            path -> path.equals(PARENT),
            () -> curator.create().creatingParentContainersIfNeeded().forPath(PARENT))) {
      KeyMutex lock = new KeyMutex(slower, PARENT);

      assertThat(lock.tryAcquire()).isEmpty();

      assertThat(new KeyMutex(curator, PARENT).tryAcquire()).isPresent();
      lock.release();
      await().until(() -> countBelow(curator, "/tidemark/users/locks") == 0);
    }
  }

  @Test
  void release_anotherQueues_leavesTheOthersNodeAndItsParent() throws Exception {
    createParentOfKeys();
    KeyMutex lock = new KeyMutex(curator, PARENT);
    assertThat(lock.tryAcquire()).isEmpty();
    InterProcessMutex queued =
        new InterProcessMutex(
            otherCurator, PARENT, new FencingDriver(PARENT, UUID.randomUUID().toString()));
    CompletableFuture<Integer> next =
        inBackground(
            () -> {
              queued.acquire();
              int nodes = countBelow(otherCurator, PARENT);
              queued.release();
              return nodes;
            });
    await().until(() -> countBelow(curator, PARENT) == 2);

    lock.release();

    assertThat(next).succeedsWithin(Awaiting.LIMIT).isEqualTo(1);
  }

  @Test
  void release_nodeHasGoneAndAnotherHolds_leavesTheOther() throws Exception {
    createParentOfKeys();
    KeyMutex lost = new KeyMutex(curator, PARENT);
    assertThat(lost.tryAcquire()).isEmpty();
    deleteTree(curator, PARENT);
    KeyMutex next = new KeyMutex(otherCurator, PARENT);
    assertThat(next.tryAcquire()).isEmpty();
    assertThat(next.fence()).isGreaterThan(lost.fence());

    lost.release();

    assertThat(new KeyMutex(curator, PARENT).tryAcquire()).isPresent();
    next.release();
    assertThat(curator.checkExists().forPath(PARENT)).isNull();
  }

  @Test
  void tryAcquire_withNamespace_asksForTheAclsOfWholePaths() throws Exception {
    List<String> paths = new CopyOnWriteArrayList<>();
    try (CuratorFramework client = connectAndRun(paths::add, () -> paths)) {
      KeyMutex lock = new KeyMutex(client.usingNamespace("ours"), PARENT);
      assertThat(lock.contend()).isEmpty();
      lock.release();
      paths.clear();

      KeyMutex next = new KeyMutex(client.usingNamespace("ours"), PARENT);
      assertThat(next.tryAcquire()).isEmpty();

      assertThat(paths)
          .hasSize(2)
          .allSatisfy(path -> assertThat(path).startsWith("/ours" + PARENT));
      assertThat(curator.getChildren().forPath("/ours" + PARENT)).hasSize(1);
      next.release();
      assertThat(curator.checkExists().forPath("/ours" + PARENT)).isNull();
    }
  }

  @Test
  void tryAcquire_parentIsDeletedBeforeEachCreationForAWhile_isAcquired() throws Exception {
    AtomicInteger deletions = new AtomicInteger();
    try (CuratorFramework victim =
        connectAndRun(
            path -> path.startsWith(PARENT + "/") && deletions.get() < 6,
            () -> {
              deletions.incrementAndGet();
              return curator.delete().quietly().forPath(PARENT);
            })) {
      KeyMutex lock = new KeyMutex(victim, PARENT);

      assertThat(lock.tryAcquire()).isEmpty();

      assertThat(deletions).hasValue(6);
      lock.release();
    }
  }

  /** The first lock of a cache is created in the way of those that find their parent. */
  private void createParentOfKeys() throws Exception {
    curator.create().creatingParentsIfNeeded().forPath(LockPath.ofCache(KEY.cache()));
  }

  private interface Action {
    Object run() throws Exception;
  }

  /** Curator asks for the ACL of a node just before it creates it; it does not try again. */
  private CuratorFramework connectAndRun(Predicate<String> when, Action action) throws Exception {
    ACLProvider acls =
        new DefaultACLProvider() {
          @Override
          public List<ACL> getAclForPath(String path) {
            if (when.test(path)) {
              try {
                Object unused = action.run();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            }
            return super.getAclForPath(path);
          }
        };
    return connect(
        CuratorFrameworkFactory.builder()
            .connectString(server.getConnectString())
            .retryPolicy(new RetryNTimes(0, 0))
            .aclProvider(acls));
  }

  @Test
  void awaitGone_holdersSessionEnds_isTrueAndTheNextFenceIsLarger() throws Exception {
    LockHandle lost = acquire(otherLocks);
    Held held = (Held) locks.tryAcquire(KEY, patience());
    CompletableFuture<Boolean> gone = inBackground(() -> held.holder().awaitGone(patience()));
    long lostSession = sessionId(otherCurator);

    killSession(otherCurator, server.getConnectString());

    assertThat(gone).succeedsWithin(Awaiting.LIMIT).isEqualTo(true);
    try (LockHandle next = acquire(locks)) {
      assertThat(next.fence()).isGreaterThan(lost.fence());
      lost.close();
      await().ignoreExceptions().until(() -> sessionId(otherCurator) != lostSession);
      assertThat(untilAvailable(() -> otherLocks.tryAcquire(KEY, patience())))
          .isInstanceOf(Held.class);
    }
  }

  @Test
  void awaitGone_deadlinePasses_leavesNoWatch() throws Exception {
    try (LockHandle handle = acquire(locks)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) otherLocks.tryAcquire(KEY, patience());
      for (int i = 0; i < 10; i++) {
        assertThat(held.holder().awaitGone(Deadline.after(Duration.ofMillis(i)))).isFalse();
      }

      // The last replies to setting the watches may still be under way.
      otherCurator.sync().forPath(PARENT);
      await().until(() -> watches(otherCurator, PARENT).isEmpty());
    }
  }

  @Test
  void close_ofTheProvider_freesItsKeysAndRefusesMore() throws Exception {
    LockHandle handle = acquire(locks);
    Held held = (Held) otherLocks.tryAcquire(KEY, patience());

    locks.close();
    locks.close();

    assertThat(held.holder().awaitGone(patience())).isTrue();
    assertThatThrownBy(() -> locks.tryAcquire(KEY, patience()))
        .isInstanceOf(RefusedException.class)
        .hasMessage("users:42: the locks are closed");
    assertThat(locks.check("users", patience()))
        .singleElement()
        .satisfies(finding -> assertThat(finding.problem()).isEqualTo("the locks are closed"));
    handle.close();
    acquire(otherLocks).close();
  }

  @Test
  void close_ofTheProvider_endsItsWaits() throws Exception {
    try (LockHandle handle = acquire(otherLocks)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) locks.tryAcquire(KEY, patience());
      Future<Boolean> gone = inBackground(() -> held.holder().awaitGone(patience()));
      await().until(() -> !watches(curator, PARENT).isEmpty());

      locks.close();

      assertThat(gone)
          .failsWithin(Awaiting.LIMIT)
          .withThrowableThat()
          .havingRootCause()
          .withMessageContaining("closed");
    }
  }

  @Test
  void awaitGone_afterTheProviderIsClosed_failsAtOnce() throws Exception {
    try (LockHandle handle = acquire(otherLocks)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) locks.tryAcquire(KEY, patience());
      locks.close();

      assertThatThrownBy(() -> held.holder().awaitGone(patience()))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void tryAcquire_deadlineHasPassed_holdsNothingUnlessItWasAnsweredAllTheSame() throws Exception {
    for (int i = 0; i < 20; i++) {
      try {
        // ZooKeeper may be faster than this thread reads the clock.
        if (locks.tryAcquire(KEY, Deadline.after(Duration.ZERO)) instanceof Acquired acquired) {
          acquired.handle().close();
        }
      } catch (UnavailableException e) {
        assertThat(e).hasMessageContaining("did not answer in time");
      }
    }

    await().until(() -> countBelow(curator, "/tidemark/users/locks") == 0);
    acquire(otherLocks).close();
  }

  @Test
  void tryAcquire_clientsEventsAreHeldUp_leavesAtTheDeadlineAndTheKeyIsFreeAfterwards()
      throws Exception {
    createParentOfKeys();
    CountDownLatch heldUp = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    curator
        .getZookeeperClient()
        .getZooKeeper()
        .exists(
            "/",
            false,
            (code, path, context, stat) -> {
              heldUp.countDown();
              try {
                goOn.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            null);
    heldUp.await();

    assertThatThrownBy(() -> locks.tryAcquire(KEY, Deadline.after(Duration.ofMillis(100))))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("did not answer in time");
    goOn.countDown();

    acquire(otherLocks).close();
  }

  private static <T> CompletableFuture<T> inBackground(Callable<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(work.call());
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  private static LockHandle acquire(ZooKeeperLocks locks) throws InterruptedException {
    return acquireOnceFree(locks, KEY);
  }

  /** A node's cversion counts the children that were made and those that were deleted. */
  private int childrenEverMade(String path) throws Exception {
    Stat stat = curator.checkExists().forPath(path);
    return (stat.getCversion() + stat.getNumChildren()) / 2;
  }
}
