package io.tidemark.redis;

import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidemark.UnavailableException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt.Acquired;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.RedisClient;

/**
 * What each kind of locks does while its servers are away, and once they are back. Most of its time
 * is spent on waiting, so that one JDK will do.
 */
@Tag("one-jdk")
abstract class LockOutageContract {
  static final SlotKey KEY = new SlotKey("users", "42");

  /** What is free before this is over was given back. */
  static final Duration LONG_LIFE = Duration.ofHours(1);

  private static final Duration SHORT_LIFE = Duration.ofSeconds(1);

  /** Of the client that meets the outages: it blocks for as long, and callers must not. */
  private static final Duration CLIENT_TIMEOUT = Duration.ofSeconds(2);

  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration TOLERANCE = Duration.ofMillis(100);

  final List<RedisServer> servers;
  final List<TcpProxy> proxies;
  final List<RedisClient> clients;
  final List<RedisClient> directClients;
  private final List<AutoCloseable> locksMade = new ArrayList<>();

  LockOutageContract(int size) {
    servers = Stream.generate(RedisServer::start).limit(size).toList();
    proxies = servers.stream().map(server -> TcpProxy.to(server.port())).toList();
    clients = proxies.stream().map(LockOutageContract::client).toList();
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

  @AfterEach
  final void stop() throws Exception {
    for (AutoCloseable locks : locksMade) {
      locks.close();
    }
    clients.forEach(RedisClient::close);
    directClients.forEach(RedisClient::close);
    proxies.forEach(TcpProxy::close);
    servers.forEach(RedisServer::close);
  }

  @Test
  void tryAcquire_connectionsRefused_isUnavailableBeforeTheDeadlineAndHoldsNothing() {
    LockProvider locks = locks(LONG_LIFE);
    proxies.forEach(TcpProxy::refuse);
    Deadline deadline = patience();

    assertThatThrownBy(() -> locks.tryAcquire(KEY, deadline))
        .isInstanceOf(UnavailableException.class);

    assertThat(deadline.remainingMillis()).isGreaterThan(1_000);
    assertFree();
  }

  @Test
  void tryAcquire_serversAreSilent_isUnavailableAtTheDeadline() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    warmUp(locks);
    proxies.forEach(TcpProxy::swallow);

    assertThatEachIsUnavailableInTime(locks);

    proxies.forEach(TcpProxy::forward);
    acquireOnceFree(directLocks(LONG_LIFE), KEY).close();
  }

  @Test
  void tryAcquire_serversAreStopped_isUnavailableAtTheDeadlineAndLeavesNoLock() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    warmUp(locks);
    servers.forEach(RedisServer::pause);

    assertThatEachIsUnavailableInTime(locks);

    servers.forEach(RedisServer::resume);
    // What was sent is carried out now, after its senders left.
    acquireOnceFree(directLocks(LONG_LIFE), KEY).close();
  }

  @Test
  void tryAcquire_repliesAreLost_isUnavailableAndLeavesNoLock() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    warmUp(locks);
    proxies.forEach(TcpProxy::swallowReplies);
    assertThatThrownBy(() -> locks.tryAcquire(KEY, Deadline.after(SHORT)))
        .isInstanceOf(UnavailableException.class);
    proxies.forEach(TcpProxy::forward);

    acquireOnceFree(directLocks(LONG_LIFE), KEY).close();
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
                  assertThatThrownBy(() -> locks.tryAcquire(KEY, Deadline.after(SHORT)))
                      .isInstanceOf(UnavailableException.class)));
    }
    callers.forEach(CompletableFuture::join);
    proxies.forEach(TcpProxy::forward);

    await()
        .atMost(RedisServer.PATIENCE)
        .ignoreExceptionsInstanceOf(UnavailableException.class)
        .until(() -> locks.tryAcquire(KEY, patience()) instanceof Acquired);
  }

  @Test
  void holder_isCutOff_losesTheLockToAWaiterWhenItsLifeEnds() throws Exception {
    LockProvider locks = locks(SHORT_LIFE);
    LockProvider directLocks = directLocks(LONG_LIFE);
    LockHandle lost = acquireOnceFree(locks, KEY);
    proxies.forEach(TcpProxy::refuse);

    LockHandle next = acquireOnceFree(directLocks, KEY);

    assertThat(next.fence()).isGreaterThan(lost.fence());
    proxies.forEach(TcpProxy::forward);
    lost.close();
    // The release of one who is no longer the owner changes nothing.
    warmUp(locks);
    assertThat(locks.tryAcquire(KEY, patience())).isInstanceOf(Held.class);
    next.close();
    acquireOnceFree(locks, KEY).close();
  }

  @Test
  void holder_stays_keepsTheLockForManyLives() throws Exception {
    Duration life = Duration.ofSeconds(2);
    LockProvider locks = locks(life);
    LockProvider directLocks = directLocks(life);
    try (LockHandle handle = acquireOnceFree(locks, KEY)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) directLocks.tryAcquire(KEY, patience());

      assertThat(held.holder().awaitGone(Deadline.after(life.multipliedBy(2)))).isFalse();
    }
    acquireOnceFree(directLocks, KEY).close();
  }

  @Test
  void close_serversAreSilent_returnsAtOnceAndFreesTheKeyOnceTheyAnswer() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    LockHandle handle = acquireOnceFree(locks, KEY);
    proxies.forEach(TcpProxy::swallow);
    long start = System.nanoTime();
    handle.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(CLIENT_TIMEOUT);
    assertThat(directLocks(LONG_LIFE).tryAcquire(KEY, patience())).isInstanceOf(Held.class);
    // The first release is lost with its bytes, so that only another one can free the key.
    proxies.forEach(TcpProxy::forward);

    acquireOnceFree(directLocks(LONG_LIFE), KEY).close();
  }

  @Test
  void awaitGone_serversAreSilent_isFalseAtTheDeadline() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    try (LockHandle handle = acquireOnceFree(directLocks(LONG_LIFE), KEY)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) locks.tryAcquire(KEY, patience());
      proxies.forEach(TcpProxy::swallow);

      assertThat(held.holder().awaitGone(Deadline.after(SHORT))).isFalse();
    }
  }

  @Test
  void awaitGone_serversRefuse_isUnavailableBeforeTheDeadline() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    try (LockHandle handle = acquireOnceFree(directLocks(LONG_LIFE), KEY)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) locks.tryAcquire(KEY, patience());
      proxies.forEach(TcpProxy::refuse);
      Deadline deadline = patience();

      assertThatThrownBy(() -> held.holder().awaitGone(deadline))
          .isInstanceOf(UnavailableException.class);

      assertThat(deadline.hasPassed()).isFalse();
    }
  }

  @Test
  void close_ofTheLocks_freesTheirKeysEndsWaitsAndRefusesMore() throws Exception {
    LockProvider locks = locks(LONG_LIFE);
    LockProvider directLocks = directLocks(LONG_LIFE);
    SlotKey otherKey = new SlotKey("users", "43");
    LockHandle handle = acquireOnceFree(locks, KEY);
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

    waiter.join();
    assertThatThrownBy(() -> locks.tryAcquire(KEY, patience()))
        .isInstanceOf(IllegalStateException.class);
    handle.close();
    acquireOnceFree(directLocks, KEY).close();
    others.close();
  }

  @Test
  void tryAcquire_deadlineHasPassed_isUnavailableAndHoldsNothing() {
    LockProvider locks = locks(LONG_LIFE);
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> locks.tryAcquire(KEY, Deadline.after(Duration.ZERO)))
          .isInstanceOf(UnavailableException.class);
    }
    assertFree();
  }

  final void assertFree() {
    directClients.forEach(
        client -> assertThat(client.keys("tidemark-lock:*")).as("locks").isEmpty());
  }

  /** So that connections are open and scripts are known. */
  static void warmUp(LockProvider locks) throws InterruptedException {
    await()
        .atMost(RedisServer.PATIENCE)
        .ignoreExceptionsInstanceOf(UnavailableException.class)
        .until(
            () -> {
              acquireOnceFree(locks, new SlotKey("users", "warm-up")).close();
              return true;
            });
  }

  /** The best of some, because the machine may be busy: a client's own timeouts are far off. */
  private static void assertThatEachIsUnavailableInTime(LockProvider locks) {
    Duration best = Duration.ofDays(1);
    for (int i = 0; i < 5; i++) {
      long start = System.nanoTime();
      assertThatThrownBy(() -> locks.tryAcquire(KEY, Deadline.after(SHORT)))
          .isInstanceOf(UnavailableException.class);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      best = took.compareTo(best) < 0 ? took : best;
    }
    assertThat(best).isLessThan(SHORT.plus(TOLERANCE));
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
    pool.setMaxTotal(LockServer.THREADS + 1);
    pool.setMaxWait(CLIENT_TIMEOUT);
    return RedisServer.client(proxy.port(), CLIENT_TIMEOUT, pool);
  }
}
