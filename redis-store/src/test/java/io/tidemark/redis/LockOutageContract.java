package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.RefusedException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt.Acquired;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import io.tidemark.testkit.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.RedisClient;

/**
 * How each kind of locks behaves while its servers are down, and once they are back. Each test has
 * a key of its own, so that all tests share one set of servers.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class LockOutageContract {
  /** So long that a lock which is free before its end was released. */
  static final Duration LONG_LIFE = Duration.ofHours(1);

  /**
   * The timeout of the client that meets the outages: it blocks that long, and no caller may. If a
   * test needs the client to give up, it lets the proxy reset the connection.
   */
  private static final Duration CLIENT_TIMEOUT = Duration.ofHours(1);

  /** A deadline that passes. */
  private static final Duration SHORT = Duration.ofMillis(300);

  private static final AtomicInteger KEYS = new AtomicInteger();

  private final List<RedisServer> servers;
  private final List<RedisClient> directClients;
  private final List<AutoCloseable> locksMade = new ArrayList<>();
  private List<TcpProxy> proxies;
  private List<RedisClient> clients;
  private SlotKey key;

  LockOutageContract(int size) {
    servers = Stream.generate(RedisServer::start).limit(size).toList();
    directClients = servers.stream().map(RedisServer::client).toList();
  }

  abstract LockProvider newLocks(List<RedisClient> lockClients, Duration life);

  /** Locks that meet the outages. */
  final LockProvider locks(Duration life) {
    return noted(newLocks(clients, life));
  }

  /** Locks of another process, past the outages. */
  final LockProvider directLocks(Duration life) {
    return noted(newLocks(directClients, life));
  }

  private LockProvider noted(LockProvider locks) {
    locksMade.add((AutoCloseable) locks);
    return locks;
  }

  @BeforeEach
  final void connect() {
    key = newKey();
    proxies = servers.stream().map(server -> TcpProxy.to(server.port())).toList();
    clients = proxies.stream().map(LockOutageContract::client).toList();
  }

  @AfterEach
  final void disconnect() throws Exception {
    servers.forEach(RedisServer::resume);
    for (AutoCloseable locks : locksMade) {
      locks.close();
    }
    locksMade.clear();
    clients.forEach(RedisClient::close);
    proxies.forEach(TcpProxy::close);
  }

  @AfterAll
  final void stop() {
    directClients.forEach(RedisClient::close);
    servers.forEach(RedisServer::close);
  }

  @Test
  void tryAcquire_connectionsRefused_isUnavailableBeforeTheDeadlineAndHoldsNothing() {
    LockProvider locks = locks(LONG_LIFE);
    proxies.forEach(TcpProxy::refuse);

    assertThatThrownBy(() -> locks.tryAcquire(key, patience()))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("cannot be requested");

    assertFree();
  }

  /**
   * Each would fail an attempt, a renewal or a release; more break than any request is repeated.
   */
  @Test
  void tryAcquire_idleConnectionsAreBroken_getsTheLock() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    warmUp(locks);
    breakIdleConnections();

    LockHandle handle = ((Acquired) locks.tryAcquire(key, patience())).handle();

    assertThat(directLocks(LONG_LIFE).tryAcquire(key, patience())).isInstanceOf(Held.class);
    handle.close();
    acquireOnceFree(directLocks(LONG_LIFE), key).close();
  }

  @Test
  void tryAcquire_serversAreSilent_isUnavailableAtTheDeadline() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    warmUp(locks);
    proxies.forEach(TcpProxy::swallow);

    assertThatItIsUnavailableAtTheDeadline(locks);

    proxies.forEach(TcpProxy::forward);
    acquireOnceFree(directLocks(LONG_LIFE), key).close();
  }

  @Test
  void tryAcquire_serversAreStopped_isUnavailableAtTheDeadlineAndLeavesNoLock() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    warmUp(locks);
    servers.forEach(RedisServer::pause);

    assertThatItIsUnavailableAtTheDeadline(locks);

    servers.forEach(RedisServer::resume);
    // The requests are carried out now, after their callers left.
    acquireOnceFree(directLocks(LONG_LIFE), key).close();
  }

  @Test
  void tryAcquire_repliesAreLost_isUnavailableAndLeavesNoLock() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    warmUp(locks);
    proxies.forEach(TcpProxy::swallowReplies);
    assertThatThrownBy(() -> locks.tryAcquire(key, Deadline.after(SHORT)))
        .isInstanceOf(UnavailableException.class);
    proxies.forEach(TcpProxy::forward);

    acquireOnceFree(directLocks(LONG_LIFE), key).close();
  }

  @Test
  void tryAcquire_moreThanTheLimitWhileServersAreSilent_areRefusedAndRecover() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    proxies.forEach(TcpProxy::swallow);
    List<CompletableFuture<Void>> callers = new ArrayList<>();
    for (int i = 0; i <= LeaseLocks.MAX_ATTEMPTS; i++) {
      callers.add(
          inBackground(
              () ->
                  assertThatThrownBy(() -> locks.tryAcquire(key, Deadline.after(SHORT)))
                      .isInstanceOf(UnavailableException.class)));
    }
    assertThat(CompletableFuture.allOf(callers.toArray(CompletableFuture[]::new)))
        .succeedsWithin(Awaiting.LIMIT);
    proxies.forEach(TcpProxy::forward);

    await()
        .ignoreExceptionsInstanceOf(UnavailableException.class)
        .until(() -> locks.tryAcquire(key, patience()) instanceof Acquired);
  }

  @Test
  void holder_isCutOff_losesTheLockToAWaiterWhenItsLifeEnds() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    LockProvider directLocks = directLocks(LONG_LIFE);
    LockHandle lost = acquireOnceFree(locks, key);
    proxies.forEach(TcpProxy::refuse);
    // This much of its life is left.
    directClients.forEach(client -> client.pexpire(lockOf(key), 500));

    LockHandle next = acquireOnceFree(directLocks, key);

    assertThat(next.fence()).isGreaterThan(lost.fence());
    proxies.forEach(TcpProxy::forward);
    lost.close();
    // A release by a former owner changes nothing.
    warmUp(locks);
    assertThat(locks.tryAcquire(key, patience())).isInstanceOf(Held.class);
    next.close();
    acquireOnceFree(locks, key).close();
  }

  /** A life that outlasts a stalled machine; {@link RenewalIT} need not wait for it. */
  @Test
  @Tag("thorough")
  void holder_stays_keepsTheLockPastItsLife() throws Exception {
    Duration life = Duration.ofSeconds(20);
    LockProvider locks = locks(life);
    LockProvider directLocks = directLocks(LONG_LIFE);
    try (LockHandle handle = acquireOnceFree(locks, key)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) directLocks.tryAcquire(key, patience());

      assertThat(held.holder().awaitGone(Deadline.after(life.plusSeconds(1)))).isFalse();
    }
    acquireOnceFree(directLocks, key).close();
  }

  @Test
  void close_serversAreSilent_returnsAtOnceAndFreesTheKeyOnceTheyAnswer() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    LockHandle handle = acquireOnceFree(locks, key);
    proxies.forEach(TcpProxy::swallow);

    assertThat(inBackground(handle::close)).succeedsWithin(Awaiting.LIMIT);

    assertThat(directLocks(LONG_LIFE).tryAcquire(key, patience())).isInstanceOf(Held.class);
    // The first release is lost, so that only another one can free the key.
    proxies.forEach(TcpProxy::forward);

    acquireOnceFree(directLocks(LONG_LIFE), key).close();
  }

  @Test
  void awaitGone_idleConnectionsAreBroken_waitsForTheHolder() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    LockHandle handle = acquireOnceFree(directLocks(LONG_LIFE), key);
    Held held = (Held) locks.tryAcquire(key, patience());
    breakIdleConnections();
    CompletableFuture<Void> waiter =
        inBackground(
            () ->
                assertThatNoException()
                    .isThrownBy(() -> assertThat(held.holder().awaitGone(patience())).isTrue()));
    await()
        .until(
            () ->
                waiter.isDone()
                    || clients.stream().allMatch(client -> client.getPool().getNumIdle() <= 1));
    assertThat(waiter).isNotDone();

    handle.close();

    assertThat(waiter).succeedsWithin(Awaiting.LIMIT);
  }

  @Test
  void awaitGone_serversAreSilent_isFalseAtTheDeadline() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    try (LockHandle handle = acquireOnceFree(directLocks(LONG_LIFE), key)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) locks.tryAcquire(key, patience());
      proxies.forEach(TcpProxy::swallow);

      assertThat(held.holder().awaitGone(Deadline.after(SHORT))).isFalse();
    }
  }

  @Test
  void awaitGone_serversRefuse_isUnavailableBeforeTheDeadline() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    try (LockHandle handle = acquireOnceFree(directLocks(LONG_LIFE), key)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) locks.tryAcquire(key, patience());
      proxies.forEach(TcpProxy::refuse);
      CompletableFuture<Void> waiter =
          inBackground(
              () ->
                  assertThatThrownBy(() -> held.holder().awaitGone(Deadline.after(CLIENT_TIMEOUT)))
                      .isInstanceOf(UnavailableException.class));

      assertThat(waiter).succeedsWithin(Awaiting.LIMIT);
    }
  }

  @Test
  void close_ofTheLocks_freesTheirKeysEndsWaitsAndRefusesMore() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    LockProvider directLocks = directLocks(LONG_LIFE);
    SlotKey otherKey = new SlotKey("users", "43");
    LockHandle handle = acquireOnceFree(locks, key);
    LockHandle others = acquireOnceFree(directLocks, otherKey);
    Held held = (Held) locks.tryAcquire(otherKey, patience());
    CompletableFuture<Void> waiter =
        inBackground(
            () ->
                assertThatThrownBy(() -> held.holder().awaitGone(patience()))
                    .isInstanceOf(UnavailableException.class)
                    .hasRootCauseMessage("the locks are closed"));

    ((AutoCloseable) locks).close();
    ((AutoCloseable) locks).close();

    assertThat(waiter).succeedsWithin(Awaiting.LIMIT);
    assertThatThrownBy(() -> locks.tryAcquire(key, patience()))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("the locks are closed");
    handle.close();
    acquireOnceFree(directLocks, key).close();
    others.close();
  }

  @Test
  void tryAcquire_clientIsClosed_isRefusedAndSaysSo() {
    List<RedisClient> closed = servers.stream().map(RedisServer::client).toList();
    LockProvider closedLocks = noted(newLocks(closed, LONG_LIFE));
    closed.forEach(RedisClient::close);

    assertThatThrownBy(() -> closedLocks.tryAcquire(key, patience()))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("the lock cannot be requested: the Redis client is closed");
  }

  @Test
  void tryAcquire_deadlineHasPassed_isUnavailableAndHoldsNothing() {
    LockProvider locks = locks(LONG_LIFE);
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> locks.tryAcquire(key, Deadline.after(Duration.ZERO)))
          .isInstanceOf(UnavailableException.class);
    }
    assertFree();
  }

  private void breakIdleConnections() {
    clients.forEach(client -> RestartIT.fill(client.getPool()));
    proxies.forEach(TcpProxy::reset);
  }

  private void assertFree() {
    directClients.forEach(
        client -> assertThat(client.exists(lockOf(key))).as("whether it is held").isFalse());
  }

  private static SlotKey newKey() {
    return new SlotKey("users", "outage-" + KEYS.incrementAndGet());
  }

  private static String lockOf(SlotKey key) {
    return "tidemark-lock:" + key.cache() + ":" + key.key();
  }

  /** Opens the connections, and makes the servers know the scripts. */
  static void warmUp(LockProvider locks) throws InterruptedException {
    await()
        .ignoreExceptionsInstanceOf(UnavailableException.class)
        .until(
            () -> {
              acquireOnceFree(locks, newKey()).close();
              return true;
            });
  }

  /** Not when the client gives up, which would have another cause. */
  private void assertThatItIsUnavailableAtTheDeadline(LockProvider locks) {
    Deadline deadline = Deadline.after(SHORT);
    CompletableFuture<Void> attempt =
        inBackground(
            () ->
                assertThatThrownBy(() -> locks.tryAcquire(key, deadline))
                    .isInstanceOf(UnavailableException.class)
                    .hasCauseInstanceOf(TimeoutException.class));

    assertThat(attempt).succeedsWithin(Awaiting.LIMIT);

    assertThat(deadline.hasPassed()).isTrue();
  }

  private static CompletableFuture<Void> inBackground(Runnable work) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
                result.complete(null);
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  private static RedisClient client(TcpProxy proxy) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(LockRequests.THREADS + 1);
    pool.setMaxWait(CLIENT_TIMEOUT);
    // A broken connection is replaced at once; the new one must not be the next to be used.
    pool.setLifo(false);
    return RedisServer.client(proxy.port(), CLIENT_TIMEOUT, pool);
  }
}
