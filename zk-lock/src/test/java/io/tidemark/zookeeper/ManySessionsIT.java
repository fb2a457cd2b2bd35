package io.tidemark.zookeeper;

import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.curator.test.TestingCluster;
import org.apache.curator.test.WatchersDebug;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What docs/scale.md says that many processes cost an ensemble, each with a session of its own. */
@Tag("thorough")
final class ManySessionsIT {
  private static final int PROCESSES = 1_000;
  private static final int AT_ONCE = 16;

  /** So long that no server gives up another on a busy machine. */
  private static final int TICK_MILLIS = 5_000;

  /** Longer than it takes until all wait. */
  private static final Duration FAR = Duration.ofHours(1);

  private static final SlotKey KEY = new SlotKey("many", "waited-for");

  /** A process, as far as ZooKeeper can tell. */
  private record Member(CuratorFramework curator, ZooKeeperLocks locks) implements AutoCloseable {
    static Member join(String address) throws Exception {
      CuratorFramework curator =
          ZooKeeperServers.connect(
              CuratorFrameworkFactory.builder()
                  .connectString(address)
                  .sessionTimeoutMs(ZooKeeperServers.SESSION_TIMEOUT_MILLIS)
                  .connectionTimeoutMs(Math.toIntExact(Awaiting.LIMIT.toMillis()))
                  .retryPolicy(new ExponentialBackoffRetry(1000, 3)));
      return new Member(curator, ZooKeeperLocks.create(curator));
    }

    /** Waits until a lock that another holds is free, as one does that has found its claim. */
    boolean awaitFree() throws Exception {
      Held held = (Held) locks.tryAcquireContended(KEY, patience());
      return held.holder().awaitGone(Deadline.after(FAR));
    }

    /** Waits until it watches the holder, beside Curator's watch of the configuration. */
    Object awaitWatching() {
      Awaiting.await()
          .until(
              () ->
                  WatchersDebug.getDataWatches(curator.getZookeeperClient().getZooKeeper()).size()
                      == 2);
      return this;
    }

    @Override
    public void close() {
      locks.close();
      curator.close();
    }
  }

  /** All of them; closed while their servers run. */
  private record Fleet(Queue<Member> members, ExecutorService threads) implements AutoCloseable {
    Fleet() {
      this(new ConcurrentLinkedQueue<>(), Executors.newFixedThreadPool(AT_ONCE));
    }

    void join(String address) throws Exception {
      await(Collections.nCopies(PROCESSES, () -> members.add(Member.join(address))));
    }

    void awaitWatching(List<Member> waiting) throws Exception {
      await(waiting.stream().<Callable<Object>>map(member -> member::awaitWatching).toList());
    }

    Set<Long> sessions() throws Exception {
      Set<Long> sessions = new HashSet<>();
      for (Member member : members) {
        sessions.add(ZooKeeperServers.sessionId(member.curator()));
      }
      return sessions;
    }

    private void await(List<Callable<Object>> tasks) throws Exception {
      for (Future<Object> task : threads.invokeAll(tasks)) {
        assertThat(task.get()).isNotNull();
      }
    }

    @Override
    public void close() {
      members.parallelStream().forEach(Member::close);
      threads.shutdown();
    }
  }

  @Test
  void release_oneProcessHoldsAndAllOthersWait_allHearOfItAndNoneWrites() throws Exception {
    ExecutorService waiting = Executors.newCachedThreadPool();
    try (TestingCluster cluster = ZooKeeperServers.startCluster(TICK_MILLIS);
        Fleet fleet = new Fleet()) {
      fleet.join(cluster.getConnectString());
      Set<Long> sessions = fleet.sessions();
      assertThat(sessions).hasSize(PROCESSES);
      List<Member> members = List.copyOf(fleet.members());
      List<Member> others = members.subList(1, PROCESSES);
      // The first lock of a cache is created in another way.
      members
          .get(0)
          .curator()
          .create()
          .creatingParentsIfNeeded()
          .forPath(LockPath.ofCache(KEY.cache()));
      LockHandle handle = acquireOnceFree(members.get(0).locks(), KEY);
      long before = lastChange(cluster);

      List<Future<Boolean>> waiters = new ArrayList<>();
      others.forEach(member -> waiters.add(waiting.submit(member::awaitFree)));
      fleet.awaitWatching(others);
      assertThat(lastChange(cluster)).isEqualTo(before);
      handle.close();

      for (Future<Boolean> waiter : waiters) {
        assertThat(waiter.get(Awaiting.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      }
      // The nodes of the lock and of the key have gone together, and there was nothing else.
      Awaiting.await().until(() -> lastChange(cluster) - before == 1);
      assertThat(fleet.sessions()).isEqualTo(sessions);
    } finally {
      waiting.shutdownNow();
    }
  }

  /** The number of the last change that any server knows. */
  private static long lastChange(TestingCluster cluster) {
    return cluster.getInstances().stream()
        .map(server -> ThreeServers.lastChange(server.getPort()))
        .flatMapToLong(OptionalLong::stream)
        .max()
        .orElseThrow();
  }
}
