package io.tidemark.zookeeper;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static io.tidemark.zookeeper.ZooKeeperServers.connectToEnsemble;
import static io.tidemark.zookeeper.ZooKeeperServers.killSession;
import static io.tidemark.zookeeper.ZooKeeperServers.sessionId;
import static io.tidemark.zookeeper.ZooKeeperServers.untilAvailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.FallbackPolicy;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.RefusedException;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.spi.Finding;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import io.tidemark.zookeeper.CachingFleet.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.curator.test.InstanceSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What callers get while servers of an ensemble of three fail. Two processes share a cache; all
 * other servers are well. Calls that end with an exception are made again by their caller.
 */
@Execution(ExecutionMode.CONCURRENT)
final class EnsembleIT {
  private static final int KEYS = 60;
  private static final int CALLERS_EACH = 4;

  private final ThreeServers ensemble = new ThreeServers();
  private final CachingFleet fleet = new CachingFleet();

  EnsembleIT() throws Exception {}

  @AfterEach
  void stop() throws Exception {
    fleet.close();
    ensemble.close();
  }

  @Test
  void read_leaderIsKilledWhileKeysAreCold_loadsEachKeyOnce() throws Exception {
    List<CompletableFuture<Void>> callers = callersOfColdKeys();

    ensemble.kill(ensemble.leader());

    fleet.openGate();
    assertEachKeyIsLoadedOnce(callers);
  }

  @Test
  void read_everyServerIsRestartedWhileKeysAreCold_loadsEachKeyOnce() throws Exception {
    List<CompletableFuture<Void>> callers = callersOfColdKeys();

    restartOneByOne();

    fleet.openGate();
    assertEachKeyIsLoadedOnce(callers);
  }

  @Test
  void read_leaderIsSlowForItsClients_loadsEachKeyOnce() throws Exception {
    ensemble.network(ensemble.leader()).slow(Duration.ofMillis(50));
    Member slow = fleet.join(connectToEnsemble(ensemble.addresses(List.of(ensemble.leader()))));
    Member fast = fleet.join(connectToEnsemble(ensemble.addresses(ensemble.followers())));
    fleet.openGate();

    List<CompletableFuture<Void>> callers = new ArrayList<>();
    callers.addAll(callersOfColdKeys(slow));
    callers.addAll(callersOfColdKeys(fast));

    assertEachKeyIsLoadedOnce(callers);
    assertThat(fleet.cache(slow, FallbackPolicy.FAIL).update(1, () -> fleet.write(1)).outcome())
        .isEqualTo(WriteOutcome.STORED);
    assertThat(fleet.cache(fast, FallbackPolicy.FAIL).read(1).value()).contains(1);
  }

  @Test
  void update_everyServerIsRestartedMeanwhile_runsOnceOrNotAtAllAndReadsNeverStepBack()
      throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger reported = new AtomicInteger();
    List<CompletableFuture<Void>> writers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      VersionedCache<Integer, Integer> cache = cacheOfAnotherProcess();
      for (int caller = 1; caller <= CALLERS_EACH; caller++) {
        int key = caller;
        writers.add(inBackground(() -> write(cache, key, over, reported)));
      }
    }
    await().until(() -> reported.get() >= KEYS);

    restartOneByOne();
    int before = reported.get();
    await().until(() -> reported.get() >= before + KEYS);

    over.set(true);
    writers.forEach(writer -> assertThat(writer).succeedsWithin(Awaiting.LIMIT));
    assertThat(IntStream.rangeClosed(1, CALLERS_EACH).map(fleet::row).sum())
        .as("writes that ran, of which each was reported")
        .isEqualTo(reported.get());
    fleet.assertNoLockIsLeft();
  }

  /** Updates a key and reads it back, again and again. An update that throws must not have run. */
  private void write(
      VersionedCache<Integer, Integer> cache, int key, AtomicBoolean over, AtomicInteger reported) {
    while (!over.get()) {
      int written =
          untilAvailable(
              () -> {
                int version =
                    (int) cache.update(key, () -> fleet.write(key)).row().version().orElseThrow();
                reported.incrementAndGet();
                return version;
              });
      int read = untilAvailable(() -> cache.read(key).value().orElseThrow());
      assertThat(read).isGreaterThanOrEqualTo(written);
    }
  }

  @Test
  void call_noMajority_isAnsweredWithoutZooKeeperAndAsUsualOnceItIsBack() throws Exception {
    Member member = fleet.join(connectToEnsemble(ensemble.addresses()));
    Member other = fleet.join(connectToEnsemble(ensemble.addresses()));
    VersionedCache<Integer, Integer> failing = fleet.cache(member, FallbackPolicy.FAIL);
    assertThat(failing.read(1).origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    SlotKey held = new SlotKey(CachingFleet.CACHE, "held");
    LockHandle handle = acquireOnceFree(member.locks(), held);
    long session = sessionId(member.curator());
    List<InstanceSpec> victims = List.of(ensemble.leader(), ensemble.followers().get(0));

    for (InstanceSpec victim : victims) {
      ensemble.kill(victim);
    }
    await().until(() -> !member.isConnected() && !other.isConnected());

    assertAnsweredWithoutZooKeeper(member, failing);

    ensemble.restart(victims);
    VersionedCache<Integer, Integer> elsewhere = fleet.cache(other, FallbackPolicy.FAIL);
    assertThat(untilAvailable(() -> elsewhere.read(2)).origin())
        .isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(untilAvailable(() -> failing.update(2, () -> fleet.write(2))).outcome())
        .isEqualTo(WriteOutcome.STORED);
    assertThat(sessionId(member.curator())).isEqualTo(session);
    assertThat(untilAvailable(() -> other.locks().tryAcquire(held, patience())))
        .isInstanceOf(Held.class);
    handle.close();
    try (LockHandle next = untilAvailable(() -> acquireOnceFree(other.locks(), held))) {
      assertThat(next.fence()).isGreaterThan(handle.fence());
    }
    fleet.assertNoLockIsLeft();
  }

  @Test
  void call_readOnlyServer_isAnsweredAsWithoutZooKeeperAndNoLockIsLeft() throws Exception {
    List<InstanceSpec> victims = List.of(ensemble.leader(), ensemble.followers().get(0));
    InstanceSpec survivor = ensemble.followers().get(1);
    Member member = fleet.join(ZooKeeperServers.connectReadingOnly(ensemble.addresses()));
    VersionedCache<Integer, Integer> failing = fleet.cache(member, FallbackPolicy.FAIL);
    assertThat(failing.read(1).origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    SlotKey held = new SlotKey(CachingFleet.CACHE, "held");
    LockHandle handle = acquireOnceFree(member.locks(), held);

    for (InstanceSpec victim : victims) {
      ensemble.kill(victim);
    }
    ensemble.awaitReadOnly(survivor);
    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> member.locks().tryAcquire(held, patience()))
                    .satisfies(EnsembleIT::isUnavailableForNow)
                    .hasMessageContaining("read-only"));

    assertAnsweredWithoutZooKeeper(member, failing);
    assertThat(member.locks().crashNoticedWithin()).isEmpty();
    // Nobody has told these that the client's server is read-only.
    try (ZooKeeperLocks newer = ZooKeeperLocks.create(member.curator())) {
      assertThatThrownBy(() -> newer.tryAcquire(new SlotKey("fleet", "new"), patience()))
          .satisfies(EnsembleIT::isUnavailableForNow);
      for (ZooKeeperLocks each : List.of(member.locks(), newer)) {
        await().untilAsserted(() -> assertThatReadOnlyIsFound(each));
      }
    }
    // It cannot be released now, and must be once there is a majority.
    handle.close();

    ensemble.restart(victims);
    // The client loses its server once more when that leaves its read-only mode.
    try (LockHandle next = untilAvailable(() -> acquireOnceFree(member.locks(), held))) {
      assertThat(next.fence()).isGreaterThan(handle.fence());
    }
    assertThat(untilAvailable(() -> failing.read(2)).origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    fleet.assertNoLockIsLeft();
  }

  /** A client on a slow machine may lose the server meanwhile, and finds it again. */
  private static void assertThatReadOnlyIsFound(ZooKeeperLocks locks) {
    assertThat(locks.check(CachingFleet.CACHE, patience()))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
              assertThat(finding.problem()).contains("connected to a read-only server");
            });
  }

  @Test
  void read_sessionOfTheLoaderIsExpiredByAnotherServer_isTakenOverAndTheFirstFillIsRefused()
      throws Exception {
    Member loader = fleet.join(connectToEnsemble(ensemble.addresses(ensemble.followers())));
    Member waiter = fleet.join(connectToEnsemble(ensemble.addresses(List.of(ensemble.leader()))));
    CompletableFuture<ReadResult<Integer>> first =
        fleet.cache(loader, FallbackPolicy.FAIL).readAsync(CachingFleet.GATED);
    await().until(() -> fleet.loads(CachingFleet.GATED) == 1);
    VersionedCache<Integer, Integer> waiting = fleet.cache(waiter, FallbackPolicy.FAIL);
    CompletableFuture<ReadResult<Integer>> second = waiting.readAsync(CachingFleet.GATED);
    await()
        .until(
            () -> !ZooKeeperServers.watches(waiter.curator(), "/tidemark/fleet/locks").isEmpty());

    killSession(loader.curator(), ensemble.addresses(List.of(ensemble.leader())));

    assertThat(second).succeedsWithin(Awaiting.LIMIT);
    assertThat(second.get().origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(waiting.update(CachingFleet.GATED, () -> fleet.write(CachingFleet.GATED)).outcome())
        .isEqualTo(WriteOutcome.STORED);
    fleet.openGate();
    assertThat(first).succeedsWithin(Awaiting.LIMIT);
    assertThat(first.get().value()).as("the row that was written meanwhile").contains(1);
    assertThat(waiting.read(CachingFleet.GATED).value()).contains(1);
    assertThat(fleet.loads(CachingFleet.GATED)).isEqualTo(2);
    fleet.assertNoLockIsLeft();
  }

  /** A hit of key 1, a miss and an update of key 2, of which nothing may be loaded or written. */
  private void assertAnsweredWithoutZooKeeper(
      Member member, VersionedCache<Integer, Integer> failing) {
    assertThat(failing.read(1).origin()).isEqualTo(Origin.CACHE);
    assertThatThrownBy(() -> failing.read(2)).satisfies(EnsembleIT::isUnavailableForNow);
    assertThatThrownBy(() -> failing.update(2, () -> fleet.write(2)))
        .satisfies(EnsembleIT::isUnavailableForNow);
    assertThat(fleet.row(2)).isZero();
    assertThat(fleet.loads(2)).isZero();
    assertThat(fleet.cache(member, FallbackPolicy.LOAD).read(2).origin())
        .isEqualTo(Origin.SOURCE_FALLBACK);
    assertThat(fleet.loads(2)).isEqualTo(1);
  }

  /** A refusal would tell the caller that no retry can mend it. */
  private static void isUnavailableForNow(Throwable failure) {
    assertThat(failure)
        .isInstanceOf(UnavailableException.class)
        .isNotInstanceOf(RefusedException.class);
  }

  private void restartOneByOne() throws Exception {
    for (InstanceSpec server : ensemble.servers()) {
      ensemble.kill(server);
      ensemble.restart(server);
    }
  }

  /** Lets callers of two processes read every key, and returns when some loads are under way. */
  private List<CompletableFuture<Void>> callersOfColdKeys() throws Exception {
    List<CompletableFuture<Void>> callers = new ArrayList<>();
    callers.addAll(callersOfColdKeys(fleet.join(connectToEnsemble(ensemble.addresses()))));
    callers.addAll(callersOfColdKeys(fleet.join(connectToEnsemble(ensemble.addresses()))));
    await().until(() -> fleet.loads() >= KEYS / 4);
    assertThat(fleet.loads(CachingFleet.GATED)).isEqualTo(1);
    return callers;
  }

  /** One caller waits for the gated key from the start, the others read all, it at last. */
  private List<CompletableFuture<Void>> callersOfColdKeys(Member member) {
    VersionedCache<Integer, Integer> cache = fleet.cache(member, FallbackPolicy.FAIL);
    List<CompletableFuture<Void>> callers = new ArrayList<>();
    callers.add(inBackground(() -> untilAvailable(() -> readCold(cache, CachingFleet.GATED))));
    for (int i = 1; i < CALLERS_EACH; i++) {
      callers.add(
          inBackground(
              () -> {
                for (int key = KEYS - 1; key >= 0; key--) {
                  int next = key;
                  untilAvailable(() -> readCold(cache, next));
                }
              }));
    }
    return callers;
  }

  private static int readCold(VersionedCache<Integer, Integer> cache, int key) {
    int value = cache.read(key).value().orElseThrow();
    assertThat(value).isZero();
    return value;
  }

  private void assertEachKeyIsLoadedOnce(List<CompletableFuture<Void>> callers) throws Exception {
    callers.forEach(caller -> assertThat(caller).succeedsWithin(Awaiting.LIMIT));
    for (int key = 0; key < KEYS; key++) {
      assertThat(fleet.loads(key)).as("loads of key %d", key).isEqualTo(1);
    }
    fleet.assertNoLockIsLeft();
  }

  private VersionedCache<Integer, Integer> cacheOfAnotherProcess() throws Exception {
    return fleet.cache(fleet.join(connectToEnsemble(ensemble.addresses())), FallbackPolicy.FAIL);
  }

  private static CompletableFuture<Void> inBackground(Runnable work) {
    return CompletableFuture.runAsync(work, command -> new Thread(command).start())
        .orTimeout(2 * Awaiting.LIMIT.toSeconds(), TimeUnit.SECONDS);
  }
}
