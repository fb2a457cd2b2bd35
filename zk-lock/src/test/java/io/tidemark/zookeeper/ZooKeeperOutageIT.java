package io.tidemark.zookeeper;

import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static io.tidemark.zookeeper.ZooKeeperServers.connect;
import static io.tidemark.zookeeper.ZooKeeperServers.countBelow;
import static io.tidemark.zookeeper.ZooKeeperServers.sessionId;
import static io.tidemark.zookeeper.ZooKeeperServers.startServer;
import static io.tidemark.zookeeper.ZooKeeperServers.watches;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidemark.UnavailableException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.curator.RetryPolicy;
import org.apache.curator.RetrySleeper;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.retry.RetryForever;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the locks do while the network or the server is away, and once it is back. */
@Tag("one-jdk")
final class ZooKeeperOutageIT {
  private static final SlotKey KEY = new SlotKey("users", "42");
  private static final String CACHE_LOCKS = "/tidemark/users/locks";

  /** Well under two thirds of the session's timeout: so long a silent connection is kept. */
  private static final Duration SHORT = Duration.ofMillis(300);

  private static final Duration TOLERANCE = Duration.ofMillis(100);

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
    proxy.refuse();
    await().until(() -> !connected(curator));
    long start = System.nanoTime();

    assertThatThrownBy(() -> locks.tryAcquire(KEY, patience()))
        .isInstanceOf(UnavailableException.class);

    // Curator itself would go on for nine.
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void tryAcquire_serverIsSilent_isUnavailableAtTheDeadline() {
    proxy.swallow();
    // The best of some, because the machine may be busy: Curator overruns every time, by seconds.
    Duration best = Duration.ofDays(1);
    for (int i = 0; i < 5; i++) {
      long start = System.nanoTime();
      assertThatThrownBy(() -> locks.tryAcquire(KEY, Deadline.after(SHORT)))
          .isInstanceOf(UnavailableException.class);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      best = took.compareTo(best) < 0 ? took : best;
    }

    assertThat(best).isBetween(SHORT, SHORT.plus(TOLERANCE));
  }

  @Test
  void tryAcquire_connectionIsLostMeanwhile_isUnavailableBeforeTheDeadline() throws Exception {
    try (CuratorFramework patient = connect(proxy.address(), new RetryForever(100));
        ZooKeeperLocks patientLocks = ZooKeeperLocks.create(patient)) {
      proxy.swallow();
      Deadline deadline = patience();
      AtomicReference<Thread> caller = new AtomicReference<>();
      CompletableFuture<Void> attempt =
          inBackground(
              () -> {
                caller.set(Thread.currentThread());
                assertThatThrownBy(() -> patientLocks.tryAcquire(KEY, deadline))
                    .isInstanceOf(UnavailableException.class);
              });
      await().until(() -> caller.get() != null && isWaiting(caller.get()));

      proxy.refuse();

      assertThat(attempt).succeedsWithin(deadline.remainingMillis() / 2, TimeUnit.MILLISECONDS);
    }
  }

  @Test
  void tryAcquire_moreThanTheLimitWhileTheServerIsSilent_areRefused() {
    proxy.swallow();
    for (int i = 0; i < ZooKeeperLocks.MAX_ATTEMPTS; i++) {
      assertThatThrownBy(() -> locks.tryAcquire(KEY, Deadline.after(Duration.ofMillis(1))))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("did not answer in time");
    }

    assertThatThrownBy(() -> locks.tryAcquire(KEY, Deadline.after(Duration.ofMillis(1))))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("256 attempts are under way");
  }

  @Test
  void tryAcquire_afterMoreThanTheLimitFailed_isAcquiredOnceTheServerAnswers() throws Exception {
    proxy.swallow();
    for (int i = 0; i <= ZooKeeperLocks.MAX_ATTEMPTS; i++) {
      assertThatThrownBy(() -> locks.tryAcquire(KEY, Deadline.after(Duration.ofMillis(1))))
          .isInstanceOf(UnavailableException.class);
    }

    proxy.forward();
    awaitAcquirable();
  }

  @Test
  void tryAcquire_replyToTheCreationIsLostAndCuratorFindsTheNode_knowsItsFence() throws Exception {
    KeyLock lock = newLockWithParent(curator);
    proxy.swallowReplies();
    CompletableFuture<Void> attempt =
        inBackground(
            () ->
                assertThatCode(() -> assertThat(lock.contend()).isEmpty())
                    .doesNotThrowAnyException());
    await().until(() -> countBelow(directCurator, CACHE_LOCKS) == 2);

    proxy.forward();

    assertThat(attempt).succeedsWithin(Duration.ofSeconds(30));
    String parent = LockPath.of(KEY);
    String node = parent + "/" + directCurator.getChildren().forPath(parent).get(0);
    assertThat(lock.fence()).isEqualTo(directCurator.checkExists().forPath(node).getCzxid());
    lock.release();
  }

  @Test
  void tryAcquire_replyToTheCreationIsLost_leavesTheKeyFreeInTheSameSession() throws Exception {
    NoRetry noRetry = new NoRetry();
    try (CuratorFramework impatient = connect(proxy.address(), noRetry)) {
      long session = sessionId(impatient);
      KeyLock lock = newLockWithParent(impatient);
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
      await().atMost(Duration.ofSeconds(20)).until(() -> noRetry.askers.size() >= 2);
      proxy.forward();

      assertThat(attempt).succeedsWithin(Duration.ofSeconds(30));
      acquireOnceFree(directLocks, KEY).close();
      assertThat(sessionId(impatient)).isEqualTo(session);
    }
  }

  @Test
  void awaitGone_connectionIsLost_isUnavailableBeforeTheDeadline() throws Exception {
    try (LockHandle handle = acquireOnceFree(directLocks, KEY)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) locks.tryAcquire(KEY, patience());
      Deadline deadline = patience();
      CompletableFuture<Void> waiter =
          inBackground(
              () ->
                  assertThatThrownBy(() -> held.holder().awaitGone(deadline))
                      .isInstanceOf(UnavailableException.class));
      await().until(() -> !watches(curator, LockPath.of(KEY)).isEmpty());

      proxy.refuse();

      assertThat(waiter).succeedsWithin(deadline.remainingMillis() / 2, TimeUnit.MILLISECONDS);
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
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> noRetry.askers.contains(ZooKeeperLocks.THREAD_NAME));
      assertThat(noRetry.askers).doesNotContain(Thread.currentThread().getName());
      assertThat(directLocks.tryAcquire(KEY, patience())).isInstanceOf(Held.class);
      proxy.forward();

      acquireOnceFree(directLocks, KEY).close();
      assertThat(sessionId(impatient)).isEqualTo(session);
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

    server.restart();
    await().atMost(Duration.ofSeconds(30)).until(() -> connected(curator));
    await().atMost(Duration.ofSeconds(30)).until(() -> connected(directCurator));

    assertThat(sessionId(curator)).isEqualTo(session);
    assertThat(directLocks.tryAcquire(KEY, patience())).isInstanceOf(Held.class);
    handle.close();
    try (LockHandle next = acquireOnceFree(directLocks, KEY)) {
      assertThat(next.fence()).isGreaterThan(handle.fence());
    }
  }

  /**
   * Retries nothing, and tells Curator that nothing is worth a retry: then it neither deletes a
   * node later that it could not delete at once, nor finds one whose creation it was not told of.
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

  /** The parent is there, so that the first request to contend creates the node. */
  private KeyLock newLockWithParent(CuratorFramework client) throws Exception {
    String parent = LockPath.of(KEY);
    directCurator.create().creatingParentsIfNeeded().forPath(parent);
    return new KeyLock(client, parent);
  }

  /** Connections that lost bytes are still to be made anew. */
  private void awaitAcquirable() {
    await()
        .atMost(Duration.ofSeconds(30))
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
