package io.tidemark.zookeeper;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static io.tidemark.zookeeper.ZooKeeperServers.SESSION_TIMEOUT_MILLIS;
import static io.tidemark.zookeeper.ZooKeeperServers.awaitAnswer;
import static io.tidemark.zookeeper.ZooKeeperServers.connect;
import static io.tidemark.zookeeper.ZooKeeperServers.countBelow;
import static io.tidemark.zookeeper.ZooKeeperServers.sessionId;
import static io.tidemark.zookeeper.ZooKeeperServers.startServer;
import static io.tidemark.zookeeper.ZooKeeperServers.watches;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.UnavailableException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import io.tidemark.testkit.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.curator.RetryPolicy;
import org.apache.curator.RetrySleeper;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.framework.imps.DefaultACLProvider;
import org.apache.curator.retry.RetryForever;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.data.ACL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * How the locks behave while the network or the server is down, and once it is back. The tests
 * mostly wait, so they run in parallel, each with a server of its own.
 */
@Execution(ExecutionMode.CONCURRENT)
final class ZooKeeperOutageIT {
  private static final SlotKey KEY = new SlotKey("users", "42");
  private static final String CACHE_LOCKS = "/tidemark/users/locks";

  /** A deadline that passes. */
  private static final Duration SHORT = Duration.ofMillis(300);

  /** A deadline that does not pass: far longer than {@link Awaiting#LIMIT}. */
  private static final Duration LONG = Duration.ofHours(1);

  private final TestingServer server = startServer();
  private final TcpProxy proxy = TcpProxy.to(server.getPort());
  private final CuratorFramework curator = connect(proxy.address());
  private final CuratorFramework directCurator = connect(server.getConnectString());
  private final ZooKeeperLocks locks = ZooKeeperLocks.create(curator);
  private final ZooKeeperLocks directLocks = ZooKeeperLocks.create(directCurator);

  ZooKeeperOutageIT() throws Exception {}

  @AfterEach
  void stop() throws Exception {
    locks.close();
    directLocks.close();
    proxy.forward();
    curator.close();
    directCurator.close();
    proxy.close();
    server.close();
  }

  @Test
  void tryAcquire_notConnected_isUnavailableAtOnce() throws Exception {
    try (CuratorFramework patient = connectForEver();
        ZooKeeperLocks patientLocks = ZooKeeperLocks.create(patient)) {
      proxy.refuse();
      await().until(() -> !connected(patient));

      CompletableFuture<Void> attempt =
          inBackground(
              () ->
                  assertThatThrownBy(() -> patientLocks.tryAcquire(KEY, Deadline.after(LONG)))
                      .isInstanceOf(UnavailableException.class));

      assertThat(attempt).succeedsWithin(Awaiting.LIMIT);
    }
  }

  @Test
  void tryAcquire_serverIsSilent_isUnavailableAtTheDeadline() throws Exception {
    try (CuratorFramework patient = connectForEver();
        ZooKeeperLocks patientLocks = ZooKeeperLocks.create(patient)) {
      proxy.swallow();
      Deadline deadline = Deadline.after(SHORT);

      // If Curator had ended the wait, the reason would be a lost connection.
      assertThatThrownBy(() -> patientLocks.tryAcquire(KEY, deadline))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("did not answer in time");

      assertThat(deadline.hasPassed()).isTrue();
      assertThat(connected(patient)).isTrue();
      proxy.forward();
    }
  }

  @Test
  void tryAcquire_connectionIsLostMeanwhile_isUnavailableBeforeTheDeadline() throws Exception {
    try (CuratorFramework patient = connectForEver();
        ZooKeeperLocks patientLocks = ZooKeeperLocks.create(patient)) {
      proxy.swallow();
      AtomicReference<Thread> caller = new AtomicReference<>();
      CompletableFuture<Void> attempt =
          inBackground(
              () -> {
                caller.set(Thread.currentThread());
                assertThatThrownBy(() -> patientLocks.tryAcquire(KEY, Deadline.after(LONG)))
                    .isInstanceOf(UnavailableException.class);
              });
      await().until(() -> caller.get() != null && isWaiting(caller.get()));

      proxy.refuse();

      assertThat(attempt).succeedsWithin(Awaiting.LIMIT);
    }
  }

  @Test
  void tryAcquire_moreThanTheLimitWhileTheServerIsSilent_areRefusedUntilItAnswers() {
    proxy.swallow();
    for (int i = 0; i < ZooKeeperLocks.MAX_ATTEMPTS; i++) {
      assertThatThrownBy(() -> locks.tryAcquire(KEY, Deadline.after(Duration.ofMillis(1))))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("did not answer in time");
    }
    assertThatThrownBy(() -> locks.tryAcquire(KEY, Deadline.after(Duration.ofMillis(1))))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("256 attempts are under way");

    proxy.forward();
    awaitAcquirable();
  }

  @Test
  void tryAcquire_replyToTheCreationIsLostAndCuratorFindsTheNode_knowsItsFence() throws Exception {
    try (CuratorFramework patient = connectForEver()) {
      KeyMutex lock = newLockWithParent(patient);
      proxy.swallowReplies();
      CompletableFuture<Void> contended =
          inBackground(
              () -> {
                assertThatCode(() -> assertThat(lock.contend()).isEmpty())
                    .doesNotThrowAnyException();
                assertThatCode(() -> assertFenceIsOfTheOnlyNode(lock)).doesNotThrowAnyException();
                // A mutex is released by the thread that holds it.
                lock.release();
              });
      await().until(() -> countBelow(directCurator, CACHE_LOCKS) == 2);

      proxy.forward();

      assertThat(contended).succeedsWithin(Awaiting.LIMIT);
    }
  }

  private void assertFenceIsOfTheOnlyNode(KeyMutex lock) throws Exception {
    String parent = LockPath.of(KEY);
    List<String> nodes = directCurator.getChildren().forPath(parent);
    assertThat(nodes).hasSize(1);
    assertThat(lock.fence())
        .isEqualTo(directCurator.checkExists().forPath(parent + "/" + nodes.get(0)).getCzxid());
  }

  @Test
  void tryAcquire_replyToTheCreationIsLost_leavesTheKeyFreeInTheSameSession() throws Exception {
    NoRetry noRetry = new NoRetry();
    try (CuratorFramework impatient = connect(proxy.address(), noRetry)) {
      long session = sessionId(impatient);
      KeyMutex lock = newLockWithParent(impatient);
      proxy.swallowReplies();
      CompletableFuture<Void> attempt =
          inBackground(
              () -> {
                assertThatThrownBy(lock::contend).isInstanceOf(Exception.class);
                lock.removeNodes();
              });
      await().until(() -> countBelow(directCurator, CACHE_LOCKS) == 2);

      proxy.refuse();
      // Once for the creation, and once for what Curator does to undo it.
      await().until(() -> noRetry.askers.size() >= 2);
      proxy.forward();

      assertThat(attempt).succeedsWithin(Awaiting.LIMIT);
      acquireOnceFree(directLocks, KEY).close();
      assertThat(sessionId(impatient)).isEqualTo(session);
    }
  }

  @Test
  void tryAcquire_replyToTheTransactionIsLost_leavesTheKeyFreeInTheSameSession() throws Exception {
    try (CuratorFramework client = connectAndLoseTheReplyToTheCreationOf(LockPath.of(KEY));
        ZooKeeperLocks itsLocks = ZooKeeperLocks.create(client)) {
      directCurator.create().creatingParentsIfNeeded().forPath(CACHE_LOCKS);
      long session = sessionId(client);
      CompletableFuture<Void> attempt =
          inBackground(
              () ->
                  assertThatThrownBy(() -> itsLocks.tryAcquire(KEY, Deadline.after(LONG)))
                      .isInstanceOf(UnavailableException.class));
      await().until(() -> countBelow(directCurator, CACHE_LOCKS) == 2);
      assertThat(directLocks.tryAcquire(KEY, patience())).isInstanceOf(Held.class);

      proxy.forward();

      assertThat(attempt).succeedsWithin(Awaiting.LIMIT);
      await().until(() -> countBelow(directCurator, CACHE_LOCKS) == 0);
      assertThat(sessionId(client)).isEqualTo(session);
    }
  }

  /** Curator asks for the ACL of a node just before it sends the request that creates it. */
  private CuratorFramework connectAndLoseTheReplyToTheCreationOf(String node) throws Exception {
    ACLProvider acls =
        new DefaultACLProvider() {
          @Override
          public List<ACL> getAclForPath(String path) {
            if (path.equals(node)) {
              proxy.swallowReplies();
            }
            return super.getAclForPath(path);
          }
        };
    return connect(
        CuratorFrameworkFactory.builder()
            .connectString(proxy.address())
            .sessionTimeoutMs(SESSION_TIMEOUT_MILLIS)
            .retryPolicy(new RetryForever(100))
            .aclProvider(acls));
  }

  @Test
  void awaitGone_connectionIsLost_isUnavailableBeforeTheDeadline() throws Exception {
    try (LockHandle handle = acquireOnceFree(directLocks, KEY)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) locks.tryAcquire(KEY, patience());
      CompletableFuture<Void> waiter =
          inBackground(
              () ->
                  assertThatThrownBy(() -> held.holder().awaitGone(Deadline.after(LONG)))
                      .isInstanceOf(UnavailableException.class));
      await().until(() -> !watches(curator, LockPath.of(KEY)).isEmpty());

      proxy.refuse();

      assertThat(waiter).succeedsWithin(Awaiting.LIMIT);
    }
  }

  @Test
  void awaitGone_serverIsSilent_isFalseAtTheDeadline() throws Exception {
    try (LockHandle handle = acquireOnceFree(directLocks, KEY)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) locks.tryAcquire(KEY, patience());
      proxy.swallow();

      assertThat(held.holder().awaitGone(Deadline.after(SHORT))).isFalse();
    }
  }

  @Test
  void close_notConnected_returnsAndFreesTheKeyOnceTheConnectionIsBack() throws Exception {
    NoRetry noRetry = new NoRetry();
    try (CuratorFramework impatient = connect(proxy.address(), noRetry);
        ZooKeeperLocks impatientLocks = ZooKeeperLocks.create(impatient)) {
      long session = sessionId(impatient);
      LockHandle handle = acquireOnceFree(impatientLocks, KEY);
      proxy.refuse();
      await().until(() -> !connected(impatient));
      noRetry.askers.clear();

      handle.close();
      await().until(() -> noRetry.askers.contains(ZooKeeperLocks.THREAD_NAME));
      assertThat(noRetry.askers).doesNotContain(Thread.currentThread().getName());
      assertThat(directLocks.tryAcquire(KEY, patience())).isInstanceOf(Held.class);
      proxy.forward();

      acquireOnceFree(directLocks, KEY).close();
      assertThat(sessionId(impatient)).isEqualTo(session);
    }
  }

  @Test
  void close_ofAFirstNodeAndNotConnected_freesTheKeyOnceTheConnectionIsBack() throws Exception {
    directCurator.create().creatingParentsIfNeeded().forPath(CACHE_LOCKS);
    LockHandle handle = acquireOnceFree(locks, KEY);
    proxy.refuse();
    await().until(() -> !connected(curator));

    handle.close();
    assertThat(directLocks.tryAcquire(KEY, patience())).isInstanceOf(Held.class);
    proxy.forward();

    acquireOnceFree(directLocks, KEY).close();
  }

  @Test
  void close_ofAFirstNodeAndDeletionIsLost_freesTheKeyInTheSameSession() throws Exception {
    directCurator.create().creatingParentsIfNeeded().forPath(CACHE_LOCKS);
    try (CuratorFramework patient = connectForEver();
        ZooKeeperLocks patientLocks = ZooKeeperLocks.create(patient)) {
      long session = sessionId(patient);
      LockHandle handle = acquireOnceFree(patientLocks, KEY);
      proxy.swallow();
      handle.close();
      assertThat(directLocks.tryAcquire(KEY, patience())).isInstanceOf(Held.class);

      proxy.forward();

      acquireOnceFree(directLocks, KEY).close();
      assertThat(sessionId(patient)).isEqualTo(session);
    }
  }

  @Test
  void close_replyToTheDeletionIsLost_freesTheKey() throws Exception {
    LockHandle handle = acquireOnceFree(locks, KEY);
    proxy.swallowReplies();
    handle.close();
    acquireOnceFree(directLocks, KEY).close();

    proxy.forward();

    awaitAcquirable();
  }

  @Test
  void holding_serverRestarts_isKeptAndGivenBack() throws Exception {
    LockHandle handle = acquireOnceFree(locks, KEY);
    long session = sessionId(curator);

    // Nobody connects to a server that is about to stop or to start: it may accept a connection and
    // never answer, and these clients would wait for it longer than the test.
    directLocks.close();
    directCurator.close();
    proxy.refuse();
    server.restart();
    proxy.forward();
    awaitAnswer(curator);

    assertThat(sessionId(curator)).isEqualTo(session);
    try (CuratorFramework other = connect(server.getConnectString());
        ZooKeeperLocks otherLocks = ZooKeeperLocks.create(other)) {
      assertThat(otherLocks.tryAcquire(KEY, patience())).isInstanceOf(Held.class);
      handle.close();
      try (LockHandle next = acquireOnceFree(otherLocks, KEY)) {
        assertThat(next.fence()).isGreaterThan(handle.fence());
      }
    }
  }

  /**
   * Retries nothing, and tells Curator that nothing is worth a retry. Curator then neither deletes
   * a node later that it could not delete at once, nor finds one after a lost reply.
   */
  private static final class NoRetry implements RetryPolicy {
    /** The threads that asked, in order. */
    private final List<String> askers = new CopyOnWriteArrayList<>();

    @Override
    public boolean allowRetry(int retryCount, long elapsedTimeMs, RetrySleeper sleeper) {
      askers.add(Thread.currentThread().getName());
      return false;
    }

    @Override
    public boolean allowRetry(Throwable exception) {
      askers.add(Thread.currentThread().getName());
      return false;
    }
  }

  /** A client of which Curator gives up nothing by itself. */
  private CuratorFramework connectForEver() throws Exception {
    return connect(proxy.address(), new RetryForever(100));
  }

  /** Creates the parent, so that the first request of an attempt creates the node. */
  private KeyMutex newLockWithParent(CuratorFramework client) throws Exception {
    String parent = LockPath.of(KEY);
    directCurator.create().creatingParentsIfNeeded().forPath(parent);
    return new KeyMutex(client, parent);
  }

  /** Connections that lost bytes must still be replaced. */
  private void awaitAcquirable() {
    await()
        .ignoreExceptionsInstanceOf(UnavailableException.class)
        .until(
            () -> {
              acquireOnceFree(locks, KEY).close();
              return true;
            });
  }

  private static boolean connected(CuratorFramework client) {
    return client.getZookeeperClient().isConnected();
  }

  private static boolean isWaiting(Thread thread) {
    return thread.getState() == Thread.State.TIMED_WAITING;
  }

  private static CompletableFuture<Void> inBackground(Runnable work) {
    return CompletableFuture.runAsync(work, command -> new Thread(command).start());
  }
}
