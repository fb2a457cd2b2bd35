package io.tidemark.proof.bars;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.memory.LocalLocks;
import io.tidemark.proof.bars.ScalePage.Cost;
import io.tidemark.redis.RedisLocks;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code docs/scale.md} says that each call costs each server is what they are asked. */
class ScalePageIT {
  private static final int MANY = 100;

  /** Longer than the test: no lock is renewed while it is counted. */
  private static final Duration LOCK_LIFE = Duration.ofHours(1);

  private static CountedServers servers;
  private static CountedProcess process;
  private static CountedProcess other;
  private static RedisLocks redisLocks;
  private static VersionedCache<Integer, Page> onZooKeeper;
  private static VersionedCache<Integer, Page> onRedis;
  private static VersionedCache<Integer, Page> onLocal;

  /** Each call's name on the page, and how it is made with keys that no other has used. */
  private static final Map<String, Call> CALLS =
      Map.ofEntries(
          Map.entry("`get`, a hit", Call.prepared(ScalePageIT::read, ScalePageIT::read)),
          Map.entry("`get`, a miss, `ZooKeeperLocks`", Call.of(ScalePageIT::read)),
          Map.entry("`get`, a miss, `RedisLocks`", Call.of(keys -> onRedis.get(keys.get(0)))),
          Map.entry("`get`, a miss, `LocalLocks`", Call.of(keys -> onLocal.get(keys.get(0)))),
          Map.entry(
              "`get`, a miss while another process loads, `ZooKeeperLocks`",
              Call.of(ScalePageIT::waitForAnother)),
          Map.entry(
              "`update`, `ZooKeeperLocks`",
              Call.prepared(ScalePageIT::read, keys -> update(onZooKeeper, keys))),
          Map.entry(
              "`update`, `RedisLocks`",
              Call.prepared(ScalePageIT::read, keys -> update(onRedis, keys))),
          Map.entry(
              "`publish`",
              Call.prepared(
                  ScalePageIT::read, keys -> onZooKeeper.publish(keys.get(0), newer(keys.get(0))))),
          Map.entry(
              "`invalidate`",
              Call.prepared(ScalePageIT::read, keys -> onZooKeeper.invalidate(keys.get(0)))),
          Map.entry(
              "`getAll` of 100 keys, hits",
              Call.prepared(keys -> onZooKeeper.getAll(keys), keys -> onZooKeeper.getAll(keys))),
          Map.entry("`getAll` of 100 keys, misses", Call.of(keys -> onZooKeeper.getAll(keys))),
          Map.entry(
              "`publishAll` of 100 keys",
              Call.prepared(
                  keys -> onZooKeeper.getAll(keys), keys -> onZooKeeper.publishAll(newer(keys)))));

  private interface Action {
    Object with(List<Integer> keys) throws Exception;
  }

  /**
   * A call.
   *
   * @param before what is not counted
   * @param action what is
   */
  private record Call(Action before, Action action) {
    static Call of(Action action) {
      return new Call(keys -> keys, action);
    }

    static Call prepared(Action before, Action action) {
      return new Call(before, action);
    }
  }

  @BeforeAll
  static void start() throws Exception {
    servers = CountedServers.start();
    process = servers.newProcess();
    other = servers.newProcess();
    onZooKeeper = process.pages().cache();
    redisLocks = RedisLocks.builder(process.lockClient()).life(LOCK_LIFE).build();
    onRedis = process.pages().cache(redisLocks, event -> {});
    onLocal = process.pages().cache(LocalLocks.create(), event -> {});
    for (Call call : CALLS.values()) {
      // Everything is connected, and the scripts are known, before anything is counted.
      make("warm-up", call, servers.newKeys(MANY));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    onLocal.close();
    onRedis.close();
    redisLocks.close();
    other.close();
    process.close();
    servers.close();
  }

  static List<Cost> costs() {
    return ScalePage.costs();
  }

  @Test
  void page_hasARowForEachCall() {
    assertThat(costs()).extracting(Cost::call).containsExactlyInAnyOrderElementsOf(CALLS.keySet());
  }

  @ParameterizedTest
  @MethodSource("costs")
  void call_onRealServers_costsWhatThePageSays(Cost cost) throws Exception {
    Cost counted =
        make(cost.call(), Objects.requireNonNull(CALLS.get(cost.call())), servers.newKeys(MANY));

    assertThat(counted.numbers())
        .as(() -> counted + ": " + process.sentToRedis())
        .isEqualTo(cost.numbers());
    assertThat(cost.allowsBytes(counted)).as("%s", counted).isTrue();
  }

  private static Cost make(String name, Call call, List<Integer> keys) throws Exception {
    Object unused = call.before().with(keys);
    servers.awaitQuiet();
    CountedServers.Mark mark = servers.mark(process);
    long trips =
        process
            .trips()
            .of(
                () -> {
                  run(call.action(), keys);
                  servers.awaitQuiet();
                });
    return servers.since(mark, process, name, trips);
  }

  private static void run(Action action, List<Integer> keys) {
    try {
      Object unused = action.with(keys);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object read(List<Integer> keys) {
    return onZooKeeper.get(keys.get(0));
  }

  /** The other process holds the lock until this one watches it. */
  private static Object waitForAnother(List<Integer> keys) throws Exception {
    int key = keys.get(0);
    List<CompletableFuture<?>> reads = new ArrayList<>();
    Connection hold = servers.holdTable();
    try (hold) {
      long loads = other.pages().cache().stats().loads();
      reads.add(other.pages().cache().getAsync(key));
      // It has the lock, and its claim is in the slot.
      await().until(() -> other.pages().cache().stats().loads() > loads && other.isAnswered());
      reads.add(onZooKeeper.getAsync(key));
      await().until(() -> process.watches() == 1);
    }
    CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new)).get();
    return reads;
  }

  private static Object update(VersionedCache<Integer, Page> cache, List<Integer> keys) {
    return cache.update(keys.get(0), () -> newer(keys.get(0)));
  }

  private static Row<Page> newer(int key) {
    return Row.present(Page.of(key), Long.MAX_VALUE / 2);
  }

  private static Map<Integer, Row<Page>> newer(List<Integer> keys) {
    return keys.stream().collect(Collectors.toMap(Function.identity(), ScalePageIT::newer));
  }
}
