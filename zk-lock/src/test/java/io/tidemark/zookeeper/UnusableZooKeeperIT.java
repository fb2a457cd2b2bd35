package io.tidemark.zookeeper;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static io.tidemark.zookeeper.ZooKeeperServers.connect;
import static io.tidemark.zookeeper.ZooKeeperServers.startServer;
import static io.tidemark.zookeeper.ZooKeeperServers.watches;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tidemark.RefusedException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Finding;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.RetryPolicy;
import org.apache.curator.RetrySleeper;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryForever;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Problems that no retry solves: they are reported at once, by name, and once in the log. */
final class UnusableZooKeeperIT {
  private static final SlotKey KEY = new SlotKey("users", "42");
  private static final List<ACL> READ_ONLY =
      List.of(new ACL(ZooDefs.Perms.READ, new Id("world", "anyone")));

  private static final Duration LONG = Duration.ofHours(1);

  private final TestingServer server = startServer();
  private final CountingRetry retry = new CountingRetry();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(ZooKeeperLocks.class);

  UnusableZooKeeperIT() throws Exception {}

  private static final class CountingRetry implements RetryPolicy {
    private final AtomicInteger asked = new AtomicInteger();
    private final RetryPolicy policy = new RetryForever(10);

    @Override
    public boolean allowRetry(int retryCount, long elapsedTimeMs, RetrySleeper sleeper) {
      asked.incrementAndGet();
      return policy.allowRetry(retryCount, elapsedTimeMs, sleeper);
    }
  }

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stop() throws Exception {
    logger.detachAppender(log);
    server.close();
  }

  @Test
  void tryAcquire_chrootIsMissing_isUnavailableAtOnceAndLogsOneLine() throws Exception {
    try (CuratorFramework curator = connect(server.getConnectString() + "/team/app", retry);
        ZooKeeperLocks locks = ZooKeeperLocks.create(curator)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> locks.tryAcquire(KEY, Deadline.after(LONG)))
            .isInstanceOf(RefusedException.class)
            .hasMessageStartingWith(
                "users:42: ZooKeeper has no node /team/app, which the connect string ");
      }

      assertThat(retry.asked).as("what no retry mends is not tried again").hasValue(0);
      assertThat(log.list)
          .singleElement()
          .satisfies(
              line -> {
                assertThat(line.getFormattedMessage()).contains("/team/app");
                assertThat(line.getThrowableProxy()).isNull();
              });
    }
  }

  @Test
  void check_chrootIsMissing_isAnErrorUntilItIsMade() throws Exception {
    try (CuratorFramework whole = connect(server.getConnectString());
        CuratorFramework curator = connect(server.getConnectString() + "/team/app", retry);
        ZooKeeperLocks locks = ZooKeeperLocks.create(curator.usingNamespace("ours"))) {
      assertThat(locks.check("users", patience()))
          .singleElement()
          .satisfies(
              finding -> {
                assertThat(finding.severity()).isEqualTo(Finding.Severity.ERROR);
                assertThat(finding.problem()).contains("ZooKeeper has no node /team/app");
              });

      whole.create().creatingParentsIfNeeded().forPath("/team/app");

      assertThat(locks.check("users", patience())).isEmpty();
      acquireOnceFree(locks, KEY).close();
      assertThat(whole.checkExists().forPath("/team/app/ours/tidemark/users")).isNotNull();
    }
  }

  @Test
  void tryAcquire_clientMayNotWrite_isUnavailableAtOnceAndKeepsNoThreadAtIt() throws Exception {
    try (CuratorFramework curator = connect(server.getConnectString(), retry);
        ZooKeeperLocks locks = ZooKeeperLocks.create(curator)) {
      curator.create().withACL(READ_ONLY).forPath("/tidemark");

      assertThatThrownBy(() -> locks.tryAcquire(KEY, Deadline.after(LONG)))
          .isInstanceOf(RefusedException.class)
          .hasMessage("users:42: ZooKeeper refuses the lock /tidemark/users/locks/42: NOAUTH");
      assertThat(locks.check("users", patience()))
          .singleElement()
          .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Finding.Severity.ERROR));

      assertThat(retry.asked).hasValue(0);
      KeyMutex lock = new KeyMutex(curator, LockPath.of(KEY));
      assertThatThrownBy(lock::tryAcquire).isInstanceOf(SetupException.class);
      assertThat(CompletableFuture.runAsync(lock::removeNodes)).succeedsWithin(Awaiting.LIMIT);
    }
  }

  @Test
  void calls_curatorIsClosed_areUnavailableAndSaySo() throws Exception {
    CuratorFramework curator = connect(server.getConnectString(), retry);
    CuratorFramework other = connect(server.getConnectString());
    try (ZooKeeperLocks locks = ZooKeeperLocks.create(curator);
        ZooKeeperLocks otherLocks = ZooKeeperLocks.create(other);
        LockHandle handle = acquireOnceFree(otherLocks, KEY)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) locks.tryAcquire(KEY, patience());
      CompletableFuture<Throwable> waiter = new CompletableFuture<>();
      new Thread(() -> waiter.complete(failureOf(held))).start();
      await().until(() -> !watches(curator, LockPath.of(KEY)).isEmpty());

      curator.close();

      String closed = "users:42: the Curator client is closed";
      assertThat(waiter.get()).isInstanceOf(RefusedException.class).hasMessage(closed);
      assertThatThrownBy(() -> held.holder().awaitGone(Deadline.after(LONG)))
          .isInstanceOf(RefusedException.class)
          .hasMessage(closed);
      assertThatThrownBy(() -> locks.tryAcquire(KEY, Deadline.after(LONG)))
          .isInstanceOf(RefusedException.class)
          .hasMessage(closed);
      assertThatThrownBy(() -> locks.holder(KEY, Deadline.after(LONG)))
          .isInstanceOf(RefusedException.class)
          .hasMessage(closed);
      assertThat(locks.check("users", patience()))
          .singleElement()
          .satisfies(
              finding -> {
                assertThat(finding.severity()).isEqualTo(Finding.Severity.ERROR);
                assertThat(finding.problem()).isEqualTo("the Curator client is closed");
              });
    }
    other.close();
  }

  @Test
  void tryAcquire_curatorWasNotStarted_saysSo() throws Exception {
    try (CuratorFramework curator =
            CuratorFrameworkFactory.newClient(server.getConnectString(), retry);
        ZooKeeperLocks locks = ZooKeeperLocks.create(curator)) {
      assertThatThrownBy(() -> locks.tryAcquire(KEY, Deadline.after(LONG)))
          .isInstanceOf(RefusedException.class)
          .hasMessage("users:42: the Curator client was not started");
      assertThat(locks.check("users", patience())).hasSize(1);
    }
  }

  private static Throwable failureOf(Held held) {
    try {
      return new AssertionError("gone: " + held.holder().awaitGone(Deadline.after(LONG)));
    } catch (Throwable e) {
      return e;
    }
  }
}
