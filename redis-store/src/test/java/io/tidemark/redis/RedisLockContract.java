package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.Finding;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.LockProviderContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.UnifiedJedis;

/** The contract of locks over real servers, for each kind of locks. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RedisLockContract extends LockProviderContract {
  /** So long that no lock is lost because the machine stalls. */
  static final Duration LONG_LIFE = Duration.ofHours(1);

  private static final String A_LIST = "a list";

  private static final String WHO =
      "the holding [0-9a-f-]+, which ends in PT(59M|1H)[0-9.MS]* unless it is renewed";

  private final List<? extends AutoCloseable> servers;
  private final List<? extends UnifiedJedis> clients;
  private final List<? extends UnifiedJedis> otherClients;
  private final LockProvider locks;
  private final LockProvider otherLocks;

  /** Locks on servers of their own. */
  RedisLockContract(int servers) {
    this(Stream.generate(RedisServer::start).limit(servers).toList());
  }

  RedisLockContract(List<RedisServer> servers) {
    this(
        servers,
        servers.stream().map(RedisServer::client).toList(),
        servers.stream().map(RedisServer::client).toList());
  }

  /** Locks on a cluster, which the contract closes. */
  RedisLockContract(RedisCluster cluster) {
    this(List.of(cluster), List.of(cluster.client()), List.of(cluster.client()));
  }

  private RedisLockContract(
      List<? extends AutoCloseable> servers,
      List<? extends UnifiedJedis> clients,
      List<? extends UnifiedJedis> otherClients) {
    this.servers = servers;
    this.clients = clients;
    this.otherClients = otherClients;
    this.locks = newLocks(clients);
    this.otherLocks = newLocks(otherClients);
  }

  /** Creates the locks of one process. */
  abstract LockProvider newLocks(List<? extends UnifiedJedis> clients);

  @AfterAll
  void stop() throws Exception {
    ((AutoCloseable) locks).close();
    ((AutoCloseable) otherLocks).close();
    clients.forEach(UnifiedJedis::close);
    otherClients.forEach(UnifiedJedis::close);
    for (AutoCloseable server : servers) {
      server.close();
    }
  }

  @ParameterizedTest
  @MethodSource("foreignValues")
  void tryAcquire_aForeignValueIsAtItsPlace_takesItOver(String foreign) throws Exception {
    SlotKey key = new SlotKey("foreign", "taken-over " + foreign);
    putForeign(key, foreign);
    assertThat(otherLocks.holder(key, patience())).isEmpty();

    LockAttempt attempt = locks.tryAcquire(key, patience());

    assertThat(attempt).isInstanceOf(LockAttempt.Acquired.class);
    assertThat(otherLocks.tryAcquire(key, patience())).isInstanceOf(LockAttempt.Held.class);
    ((LockAttempt.Acquired) attempt).handle().close();
    acquireOnceFree(otherLocks, key).close();
  }

  @ParameterizedTest
  @MethodSource("foreignValues")
  void awaitGone_aForeignValueTakesItsPlace_isTrueAndTheHolderFreesNothing(String foreign)
      throws Exception {
    SlotKey key = new SlotKey("foreign", "waited-for " + foreign);
    LockHandle handle = acquireOnceFree(locks, key);
    LockAttempt.Held held = (LockAttempt.Held) otherLocks.tryAcquire(key, patience());
    putForeign(key, foreign);

    assertThat(held.holder().awaitGone(patience())).isTrue();
    handle.close();
    acquireOnceFree(otherLocks, key).close();
  }

  @Test
  void who_ofAHolder_namesItsTokenAndItsLife() throws Exception {
    SlotKey key = new SlotKey("who", "held");
    assertThat(otherLocks.holder(key, patience())).isEmpty();
    try (LockHandle handle = acquireOnceFree(locks, key)) {
      assertThat(handle.fence()).isPositive();
      LockAttempt.Held held = (LockAttempt.Held) otherLocks.tryAcquire(key, patience());
      String who = held.holder().who().orElseThrow();
      String holder = otherLocks.holder(key, patience()).orElseThrow();

      assertThat(who).matches(WHO);
      assertThat(holder).matches(WHO);
      assertThat(token(holder)).isEqualTo(token(who));
    }
  }

  @Test
  void check_userMayDoEverything_findsThatNothingIsRefused() {
    List<Finding> findings = new ArrayList<>(locks.check("users"));
    clients.forEach(client -> findings.addAll(RedisStore.create(client).check()));

    assertThat(findings)
        .extracting(Finding::subject)
        .doesNotContain("Redis", "Redis locks", "Redis messages", "Redis clear");
  }

  private static String token(String who) {
    return who.substring(0, who.indexOf(','));
  }

  /** Values that are not locks of any kind, although some look similar. */
  static List<String> foreignValues() {
    return List.of(A_LIST, "", "x", "A", "Another's", "42", "A" + "-".repeat(40), "a\nb");
  }

  /** In one step, as a holder may put its lock back where it finds none. */
  private void putForeign(SlotKey key, String foreign) {
    String lock = "tidemark-lock:" + key.cache() + ":" + key.key();
    String put =
        foreign.equals(A_LIST)
            ? "redis.call('LPUSH', KEYS[1], ARGV[1])"
            : "redis.call('SET', KEYS[1], ARGV[1])";
    for (UnifiedJedis client : clients) {
      client.eval(
          "redis.call('DEL', KEYS[1]) " + put + " redis.call('PEXPIRE', KEYS[1], ARGV[2])",
          List.of(lock),
          List.of(foreign, Long.toString(LONG_LIFE.toMillis())));
    }
  }

  @Override
  protected final LockProvider locks() {
    return locks;
  }

  @Override
  protected final LockProvider locksOfAnotherProcess() {
    return otherLocks;
  }

  @Override
  protected final void forget(SlotKey key) {
    clients.forEach(UnifiedJedis::flushAll);
  }
}
