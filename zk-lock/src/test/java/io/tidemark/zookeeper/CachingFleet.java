package io.tidemark.zookeeper;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.CacheBuilder;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadProfile;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.spi.SlotStore;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;

/**
 * Processes that share a cache, and the rows that they cache: each row is the number of its
 * version. They share a store that never fails. Thread-safe.
 */
final class CachingFleet {
  static final String CACHE = "fleet";

  private static final LoadProfile UNHURRIED =
      new LoadProfile(Duration.ofHours(1), Duration.ofHours(1), Duration.ofHours(2));

  /** The first load of this key waits for {@link #openGate}. */
  static final int GATED = 0;

  private final SlotStore store = InMemoryStore.create();
  private final Map<Integer, Integer> rows = new ConcurrentHashMap<>();
  private final Map<Integer, Integer> loads = new ConcurrentHashMap<>();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final List<Member> members = new CopyOnWriteArrayList<>();

  /** One process. */
  record Member(CuratorFramework curator, ZooKeeperLocks locks, List<AutoCloseable> caches) {
    boolean isConnected() {
      return curator.getZookeeperClient().isConnected();
    }
  }

  /** Adds a process with a client of its own, which ends with the fleet. */
  Member join(CuratorFramework curator) {
    Member member =
        new Member(curator, ZooKeeperLocks.create(curator), new CopyOnWriteArrayList<>());
    members.add(member);
    return member;
  }

  /** A cache of a process. The times of its calls, claims and loads do not pass in a test. */
  VersionedCache<Integer, Integer> cache(Member member, FallbackPolicy policy) {
    CacheBuilder<Integer, Integer> builder = VersionedCache.builder(CACHE);
    VersionedCache<Integer, Integer> cache =
        builder
            .source(this::load)
            .store(store)
            .locks(member.locks())
            .codec(JsonCodec.of(Integer.class))
            .profile(UNHURRIED)
            .onFallback(policy)
            .build();
    member.caches().add(cache);
    return cache;
  }

  /** Commits the next version of a row. */
  Row<Integer> write(int key) {
    int version = rows.merge(key, 1, Integer::sum);
    return Row.present(version, version);
  }

  /** What is committed. */
  int row(int key) {
    return rows.getOrDefault(key, 0);
  }

  int loads(int key) {
    return loads.getOrDefault(key, 0);
  }

  int loads() {
    return loads.values().stream().mapToInt(Integer::intValue).sum();
  }

  void openGate() {
    gate.countDown();
  }

  /**
   * Waits until no lock has a node, which no more than the background may take. An empty container
   * may be left for the server to reap.
   */
  void assertNoLockIsLeft() throws Exception {
    for (Member member : members) {
      ZooKeeperServers.awaitAnswer(member.curator());
    }
    CuratorFramework curator = members.get(0).curator();
    await()
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(ZooKeeperServers.countLocks(curator, "/tidemark/fleet/locks")).isZero());
  }

  public void close() throws Exception {
    openGate();
    for (Member member : members) {
      for (AutoCloseable cache : member.caches()) {
        cache.close();
      }
      member.locks().close();
      member.curator().close();
    }
  }

  private Row<Integer> load(Integer key) throws InterruptedException {
    int load = loads.merge(key, 1, Integer::sum);
    int version = row(key);
    if (key == GATED && load == 1 && !gate.await(Awaiting.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("the gate stayed closed");
    }
    return Row.present(version, version);
  }
}
