package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.UnavailableException;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Payload;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import io.tidemark.testkit.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/**
 * What is special about locks on a majority: some servers are down, slow, or have lost their data.
 */
class RedlockIT {
  private static final AtomicInteger KEYS = new AtomicInteger();

  /**
   * So long that no test waits for its end, or for the tenth after which a silent server is down.
   */
  private static final Duration LONG_LIFE = Duration.ofHours(1);

  private static List<RedisServer> servers = List.of();

  /** The key of this test: all tests share one set of servers. */
  private final SlotKey key = new SlotKey("users", "key-" + KEYS.incrementAndGet());

  private final String lock = "tidemark-lock:users:" + key.key();
  private final List<TcpProxy> proxies =
      servers.stream().map(server -> TcpProxy.to(server.port())).toList();
  private final List<RedisClient> clients =
      proxies.stream().map(proxy -> RedisServer.client(proxy.port())).toList();
  private final List<RedisClient> direct = servers.stream().map(RedisServer::client).toList();
  private final Redlock locks = patientLocks(clients);
  private final Redlock otherLocks = patientLocks(direct);

  /** Locks that never mistake a busy machine for a server that is down. */
  static Redlock patientLocks(List<? extends UnifiedJedis> clients) {
    return Redlock.builder(clients).life(LONG_LIFE).pollInterval(Duration.ofMillis(20)).build();
  }

  @BeforeAll
  static void startServers() {
    servers = Stream.generate(RedisServer::start).limit(3).toList();
  }

  @AfterAll
  static void stopServers() {
    servers.forEach(RedisServer::close);
  }

  @AfterEach
  void disconnect() {
    locks.close();
    otherLocks.close();
    clients.forEach(RedisClient::close);
    direct.forEach(RedisClient::close);
    proxies.forEach(TcpProxy::close);
  }

  @Test
  void holder_lockIsHeldOnAnEvenNumberOfServers_isNamed() throws Exception {
    try (Redlock two = patientLocks(direct.subList(0, 2));
        LockHandle handle = acquireOnceFree(two, key)) {
      assertThat(handle.fence()).isPositive();
      assertThat(two.holder(key, patience()))
          .hasValueSatisfying(who -> assertThat(who).contains("the holding"));
    }
  }

  @Test
  void holder_onlyAMinorityHoldsIt_isNobody() throws Exception {
    direct.get(0).set(lock, "A" + Tokens.of("crashed"));
    assertThat(otherLocks.holder(key, patience())).isEmpty();
  }

  @Test
  void holder_anotherHoldsTheServersThatAreLeft_isTheOneOnAMajority() throws Exception {
    direct.get(0).set(lock, "A" + Tokens.of("majority"));
    direct.get(1).set(lock, "A" + Tokens.of("majority"));
    direct.get(2).set(lock, "A" + Tokens.of("other"));
    for (int i = 0; i < 50; i++) {
      assertThat(otherLocks.holder(key, patience()))
          .hasValueSatisfying(who -> assertThat(who).contains(Tokens.of("majority")));
    }
  }

  @Test
  void holder_nobodyHasAMajority_isNobody() throws Exception {
    direct.get(0).set(lock, "A" + Tokens.of("one"));
    direct.get(1).set(lock, "A" + Tokens.of("other"));
    assertThat(otherLocks.holder(key, patience())).isEmpty();
  }

  @Test
  void lock_isOnEveryServerWhileHeld_andOnNoneAfter() throws Exception {
    try (LockHandle handle = acquireOnceFree(locks, key)) {
      assertThat(handle.fence()).isPositive();
      // A majority is enough to acquire it; the last server may take a moment longer.
      await().until(() -> direct.stream().allMatch(client -> client.exists(lock)));
    }
    awaitFreeEverywhere();
  }

  @Test
  void tryAcquire_oneServerRefuses_isExclusive() throws Exception {
    proxies.get(0).refuse();
    try (LockHandle handle = acquireOnceFree(locks, key)) {
      assertThat(handle.fence()).isPositive();
      assertThat(direct.get(0).exists(lock)).isFalse();
      assertThat(otherLocks.tryAcquire(key, patience())).isInstanceOf(Held.class);
    }
    acquireOnceFree(otherLocks, key).close();
    awaitFreeEverywhere();
  }

  @Test
  void tryAcquire_oneServerIsSilent_doesNotWaitForIt() throws Exception {
    proxies.get(1).swallow();
    for (int i = 0; i < 20; i++) {
      acquireOnceFree(locks, key).close();
    }
  }

  @Test
  void tryAcquire_twoServersRefuse_isUnavailableAndLeavesNoLock() {
    proxies.get(0).refuse();
    proxies.get(2).refuse();

    assertThatThrownBy(() -> locks.tryAcquire(key, patience()))
        .isInstanceOf(UnavailableException.class)
        .hasStackTraceContaining("too few servers answered for a majority");

    awaitFreeEverywhere();
  }

  @Test
  void tryAcquire_repliesOfTwoServersAreLost_isUnavailableAndLeavesNoLock() throws Exception {
    LockOutageContract.warmUp(locks);
    proxies.get(0).swallowReplies();
    proxies.get(2).swallowReplies();
    assertThatThrownBy(() -> locks.tryAcquire(key, Deadline.after(Duration.ofMillis(300))))
        .isInstanceOf(UnavailableException.class);
    // Now the clients notice that their answers are lost.
    proxies.forEach(TcpProxy::forward);

    awaitFreeEverywhere();
  }

  @Test
  void tryAcquire_anotherHasOnlyTheServerThatIsLeft_isUnavailableOrHeldButNeverAcquired()
      throws Exception {
    proxies.get(0).refuse();
    direct.get(1).set(lock, "A" + Tokens.of("somebody"));

    assertThat(locks.tryAcquire(key, patience())).isInstanceOf(Held.class);

    assertThat(direct.get(1).get(lock)).isEqualTo("W" + Tokens.of("somebody"));
    await().until(() -> !direct.get(2).exists(lock));
  }

  @Test
  void tryAcquire_aCrashedAttemptHasOneServer_isAcquired() throws Exception {
    direct.get(1).set(lock, "A" + Tokens.of("crashed"));

    LockHandle handle = acquireOnceFree(locks, key);
    handle.close();

    assertThat(direct.get(1).get(lock)).endsWith(Tokens.of("crashed"));
    await().until(() -> !direct.get(0).exists(lock) && !direct.get(2).exists(lock));
  }

  @Test
  void awaitGone_oneServerIsSilentAndTheOthersDisagree_looksAgain() throws Exception {
    LockOutageContract.warmUp(locks);
    proxies.get(1).swallow();
    direct.get(0).set(lock, "A" + Tokens.of("other"));
    Held held = (Held) locks.tryAcquire(key, patience());
    long attempts = servers.get(0).calls("pttl");
    FutureTask<Boolean> gone = new FutureTask<>(() -> held.holder().awaitGone(patience()));
    new Thread(gone).start();
    await().until(() -> servers.get(0).calls("pttl") > attempts);

    direct.get(0).del(lock);

    assertThat(gone.get()).isTrue();
  }

  @Test
  void awaitGone_holderLosesItsMajority_isTrue() throws Exception {
    LockHandle handle = acquireOnceFree(locks, key);
    await().until(() -> direct.stream().allMatch(client -> client.exists(lock)));
    Held held = (Held) otherLocks.tryAcquire(key, patience());
    assertThat(held.holder().awaitGone(Deadline.after(Duration.ofMillis(50)))).isFalse();
    direct.get(0).flushAll();
    assertThat(held.holder().awaitGone(Deadline.after(Duration.ofMillis(50)))).isFalse();
    direct.get(1).flushAll();

    assertThat(held.holder().awaitGone(patience())).isTrue();
    handle.close();
  }

  @Test
  void fence_ofEachServer_isDifferentAtTheSameMoment() throws Exception {
    try (LockHandle handle = acquireOnceFree(locks, key)) {
      // The last five bits are the place of the server, and the others its time.
      assertThat(handle.fence() % 32).isLessThan(3);
      assertThat(Duration.ofSeconds(handle.fence() / 32 / 1_000_000))
          .isCloseTo(Duration.ofMillis(System.currentTimeMillis()), Duration.ofMinutes(1));
    }
  }

  /**
   * One of three servers loses its data, and two majorities hold the key at once. The claim
   * decides: the earlier holder's fill is refused, so that the newer row of the later one stays.
   */
  @Test
  void tryAcquire_serverRestartedEmptyWhileHeld_canBeHeldTwiceAndTheStoreRefusesTheFirst()
      throws Exception {
    proxies.get(2).refuse();
    LockHandle first = acquireOnceFree(locks, key);
    servers.get(1).restart();
    direct.get(1).getPool().clear();
    try (RedisServer storeServer = RedisServer.start();
        RedisClient storeClient = storeServer.client();
        LockHandle second = acquireOnceFree(otherLocks, key)) {
      RedisStore store = RedisStore.create(storeClient);
      Duration life = Duration.ofMinutes(1);
      Lifetime lifetime = new Lifetime(life, Duration.ZERO);
      assertThat(store.claim(key, first.fence(), ClaimMode.UNLESS_PRESENT, life, life))
          .isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
      // The first has read version 7 by now, and stops. The row becomes version 8.
      assertThat(store.claim(key, second.fence(), ClaimMode.UNLESS_PRESENT, life, life))
          .isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
      assertThat(store.fill(key, second.fence(), row(8), FloorRule.AT_OR_ABOVE, lifetime))
          .isEqualTo(FillAnswer.STORED);

      assertThat(store.fill(key, first.fence(), row(7), FloorRule.AT_OR_ABOVE, lifetime))
          .isEqualTo(FillAnswer.REFUSED);
    }
    first.close();
  }

  private void awaitFreeEverywhere() {
    await().until(() -> direct.stream().noneMatch(client -> client.exists(lock)));
  }

  private static EncodedRow row(long version) {
    return new EncodedRow.Present(version, Payload.wrap(new byte[] {1}));
  }
}
