package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.params.SetParams;

/** What is special about locks by scripts: their key, their fence, and their messages. */
class RedisLocksIT {
  private static final SlotKey KEY = new SlotKey("users", "42");
  private static final String LOCK = "tidemark-lock:users:42";

  /** So long that no test waits for its end or its renewal. */
  private static final Duration LONG_LIFE = Duration.ofHours(1);

  /** The pause between two looks; in these tests messages end the waits. */
  private static final Duration LONG_PAUSE = Duration.ofMinutes(1);

  private static RedisServer server;
  private static RedisClient direct;

  private RedisClient client;
  private RedisLocks locks;
  private RedisLocks otherLocks;

  @BeforeAll
  static void startServer() {
    server = RedisServer.start();
    direct = server.client();
  }

  @AfterAll
  static void stopServer() {
    direct.close();
    server.close();
  }

  @BeforeEach
  void connect() {
    direct.flushAll();
    client = server.client();
    locks = newLocks(client);
    otherLocks = newLocks(direct);
  }

  @AfterEach
  void disconnect() {
    locks.close();
    otherLocks.close();
    client.close();
  }

  @Test
  void fence_ofAHolding_isTheServersTimeInMicroseconds() throws Exception {
    long before = serverMicros();
    try (LockHandle handle = acquireOnceFree(locks, KEY)) {
      assertThat(handle.fence()).isBetween(before, serverMicros());
    }
  }

  @Test
  void fence_afterFlushWhileHeld_growsAndTheFirstHolderFreesNothing() throws Exception {
    LockHandle first = acquireOnceFree(locks, KEY);
    direct.flushAll();
    try (LockHandle second = acquireOnceFree(otherLocks, KEY)) {
      assertThat(second.fence()).isGreaterThan(first.fence());
      first.close();
      acquireOnceFree(locks, new SlotKey("users", "other")).close();
      assertThat(locks.tryAcquire(KEY, patience())).isInstanceOf(Held.class);
    }
  }

  @Test
  void lock_isOneKeyWithALife_thatClearLeavesAlone() throws Exception {
    try (LockHandle handle = acquireOnceFree(locks, KEY)) {
      assertThat(handle.fence()).isPositive();
      assertThat(direct.keys("*")).containsExactly(LOCK);
      assertThat(direct.pttl(LOCK)).isBetween(1L, LONG_LIFE.toMillis());
      RedisStore.create(direct).clear(KEY.cache());
      assertThat(direct.exists(LOCK)).isTrue();
    }
    await().until(() -> direct.keys("*").isEmpty());
  }

  @Test
  void verbs_scriptsFlushedBeforeEach_carriedOut() throws Exception {
    LockCommands.Factory scripted = new ScriptedLocks(direct, LONG_LIFE);
    LockCommands lock = scripted.attempt(LOCK.getBytes(UTF_8), Tokens.of("mine"));
    direct.scriptFlush();
    assertThat(lock.acquire()).isInstanceOf(LockReply.Acquired.class);
    direct.scriptFlush();
    assertThat(lock.renew()).isTrue();
    direct.scriptFlush();
    assertThat(lock.release()).isTrue();
    assertThat(direct.exists(LOCK)).isFalse();
  }

  @Test
  void verbs_ofAnotherAttempt_areRefusedAndChangeNothing() {
    LockCommands.Factory scripted = new ScriptedLocks(direct, LONG_LIFE);
    byte[] key = LOCK.getBytes(UTF_8);
    LockCommands mine = scripted.attempt(key, Tokens.of("mine"));
    LockCommands another = scripted.attempt(key, Tokens.of("another"));
    assertThat(mine.acquire()).isInstanceOf(LockReply.Acquired.class);
    direct.pexpire(LOCK, 1_000_000);

    assertThat(another.acquire()).isInstanceOf(LockReply.Held.class);
    assertThat(another.renew()).isFalse();
    assertThat(another.release()).isFalse();

    assertThat(direct.pttl(LOCK)).isLessThanOrEqualTo(1_000_000);
    assertThat(mine.renew()).isTrue();
    assertThat(direct.pttl(LOCK)).isGreaterThan(1_000_000);
    assertThat(mine.release()).isTrue();
    assertThat(mine.renew()).isFalse();
    assertThat(mine.release()).isFalse();
  }

  @Test
  void acquire_sentTwice_isAcquiredBothTimes() {
    LockCommands lock =
        new ScriptedLocks(direct, LONG_LIFE).attempt(LOCK.getBytes(UTF_8), Tokens.of("mine"));
    long first = ((LockReply.Acquired) lock.acquire()).fence();
    long second = ((LockReply.Acquired) lock.acquire()).fence();
    assertThat(second).isGreaterThan(first);
  }

  @Test
  void release_nobodyWasTurnedAway_publishesNothing() throws Exception {
    server.run(Protocol.Command.CONFIG, "RESETSTAT");
    acquireOnceFree(locks, KEY).close();
    await().until(() -> !direct.exists(LOCK));
    assertThat(direct.info("commandstats")).doesNotContain("cmdstat_publish");

    LockHandle handle = acquireOnceFree(locks, KEY);
    assertThat(otherLocks.tryAcquire(KEY, patience())).isInstanceOf(Held.class);
    handle.close();
    await().until(() -> !direct.exists(LOCK));
    assertThat(direct.info("commandstats")).contains("cmdstat_publish:calls=1");
  }

  @Test
  void awaitGone_manyWaitersOfOneProcess_shareOneConnectionAndFewRequests() throws Exception {
    int count = 1_000;
    LockHandle handle = acquireOnceFree(otherLocks, KEY);
    Held held = (Held) locks.tryAcquire(KEY, patience());
    CompletableFuture<Boolean> first = inBackground(() -> held.holder().awaitGone(patience()));
    awaitSubscribers(1);
    server.run(Protocol.Command.CONFIG, "RESETSTAT");
    List<Thread> waiting = new CopyOnWriteArrayList<>();
    List<CompletableFuture<Boolean>> waiters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      waiters.add(
          inBackground(
              () -> {
                waiting.add(Thread.currentThread());
                return held.holder().awaitGone(patience());
              }));
    }
    // A caller that comes after the end would have to look again.
    await()
        .until(
            () ->
                waiting.size() == count
                    && waiting.stream()
                        .allMatch(thread -> thread.getState() == Thread.State.TIMED_WAITING));

    assertThat(client.getPool().getNumActive()).isLessThanOrEqualTo(2);
    handle.close();

    assertThat(first).succeedsWithin(Awaiting.LIMIT).isEqualTo(true);
    for (CompletableFuture<Boolean> waiter : waiters) {
      assertThat(waiter).succeedsWithin(Awaiting.LIMIT).isEqualTo(true);
    }
    // At most the one look that the last waiting caller may need.
    assertThat(server.calls("get")).isLessThan(10);
  }

  @Test
  void awaitGone_keysOfOneProcess_shareOneConnection() throws Exception {
    int count = 200;
    List<CompletableFuture<Boolean>> waiters = new ArrayList<>();
    List<LockHandle> handles = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SlotKey key = new SlotKey("users", "many-" + i);
      handles.add(acquireOnceFree(otherLocks, key));
      Held held = (Held) locks.tryAcquire(key, patience());
      waiters.add(inBackground(() -> held.holder().awaitGone(patience())));
    }
    awaitSubscribers(1);
    await().until(() -> client.getPool().getNumActive() == 0);

    handles.forEach(LockHandle::close);

    for (CompletableFuture<Boolean> waiter : waiters) {
      assertThat(waiter).succeedsWithin(Awaiting.LIMIT).isEqualTo(true);
    }
  }

  /** That many caches, each with locks of its own, on a client with default options. */
  @Test
  void awaitGone_moreLocksThanTheClientHasConnections_leaveItsConnectionsToOthers()
      throws Exception {
    List<RedisLocks> many = new ArrayList<>();
    try (RedisClient narrow = RedisClient.create("127.0.0.1", server.port());
        LockHandle handle = acquireOnceFree(otherLocks, KEY)) {
      assertThat(handle.fence()).isPositive();
      int count = narrow.getPool().getMaxTotal() + 1;
      for (int i = 0; i < count; i++) {
        RedisLocks one = newLocks(narrow);
        many.add(one);
        Held held = (Held) one.tryAcquire(KEY, patience());
        assertThat(held.holder().awaitGone(Deadline.after(Duration.ofMillis(10)))).isFalse();
      }
      awaitSubscribers(count);

      await().until(() -> narrow.getPool().getNumActive() == 0);
      for (RedisLocks one : many) {
        assertThat(one.tryAcquire(KEY, patience())).isInstanceOf(Held.class);
      }
    } finally {
      many.forEach(RedisLocks::close);
    }
  }

  @Test
  void awaitGone_endWasToldBeforeTheWait_isTrue() throws Exception {
    LockHandle handle = acquireOnceFree(otherLocks, KEY);
    Held held = (Held) locks.tryAcquire(KEY, patience());
    assertThat(held.holder().awaitGone(Deadline.after(Duration.ofMillis(10)))).isFalse();
    awaitSubscribers(1);
    handle.close();
    await().until(() -> !direct.exists(LOCK));

    assertThat(held.holder().awaitGone(patience())).isTrue();
  }

  @Test
  void awaitGone_subscriptionIsLostWithTheMessage_isTrue() throws Exception {
    LockHandle handle = acquireOnceFree(otherLocks, KEY);
    Held held = (Held) locks.tryAcquire(KEY, patience());
    CompletableFuture<Boolean> gone = inBackground(() -> held.holder().awaitGone(patience()));
    awaitSubscribers(1);

    server.run(Protocol.Command.CLIENT, "KILL", "TYPE", "pubsub");
    handle.close();

    assertThat(gone).succeedsWithin(Awaiting.LIMIT).isEqualTo(true);
    awaitSubscribers(1);
  }

  @Test
  void awaitGone_subscriptionWasLostAndFound_isToldByMessage() throws Exception {
    LockHandle handle = acquireOnceFree(otherLocks, KEY);
    Held held = (Held) locks.tryAcquire(KEY, patience());
    assertThat(held.holder().awaitGone(Deadline.after(Duration.ofMillis(10)))).isFalse();
    awaitSubscribers(1);
    server.run(Protocol.Command.CLIENT, "KILL", "TYPE", "pubsub");
    awaitSubscribers(0);
    awaitSubscribers(1);
    server.run(Protocol.Command.CONFIG, "RESETSTAT");
    CompletableFuture<Boolean> gone = inBackground(() -> held.holder().awaitGone(patience()));
    // While messages are received, one look is enough for the life of the holder.
    await().until(() -> gone.isDone() || server.calls("pttl") > 0);

    handle.close();

    assertThat(gone).succeedsWithin(Awaiting.LIMIT).isEqualTo(true);
  }

  @Test
  void awaitGone_holderCrashed_isTrueOnceItsLifeIsOver() throws Exception {
    direct.set(LOCK, "A" + Tokens.of("crashed"), SetParams.setParams().px(LONG_LIFE.toMillis()));
    Held held = (Held) locks.tryAcquire(KEY, patience());
    direct.pexpire(LOCK, 200);

    assertThat(held.holder().awaitGone(patience())).isTrue();

    assertThat(direct.exists(LOCK)).isFalse();
    acquireOnceFree(locks, KEY).close();
  }

  /** As after a copy of the keys without their time to live: no holder is left to release it. */
  @Test
  void tryAcquire_lockHasNoLife_givesItOne() throws Exception {
    direct.set(LOCK, "A" + Tokens.of("copied"));

    assertThat(locks.tryAcquire(KEY, patience())).isInstanceOf(Held.class);

    assertThat(direct.get(LOCK)).isEqualTo("W" + Tokens.of("copied"));
    assertThat(direct.pttl(LOCK)).isBetween(1L, LONG_LIFE.toMillis());
  }

  @Test
  void close_ofTheLocks_endsItsThreadsAndGivesItsConnectionsBack() throws Exception {
    Set<Thread> before = subscribers();
    try (LockHandle handle = acquireOnceFree(otherLocks, KEY)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) locks.tryAcquire(KEY, patience());
      assertThat(held.holder().awaitGone(Deadline.after(Duration.ofMillis(10)))).isFalse();
      awaitSubscribers(1);
      // Threads of tests that run beside this one are among them, and end with those tests.
      Set<Thread> made = subscribers();
      made.removeAll(before);
      assertThat(made).isNotEmpty();

      locks.close();

      awaitSubscribers(0);
      await().until(() -> client.getPool().getNumActive() == 0);
      await().until(() -> made.stream().noneMatch(Thread::isAlive));
    }
  }

  private static RedisLocks newLocks(RedisClient redis) {
    return RedisLocks.builder(redis).life(LONG_LIFE).pollInterval(LONG_PAUSE).build();
  }

  private static Set<Thread> subscribers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(ReleaseMessages.THREAD_NAME))
        .collect(Collectors.toSet());
  }

  /** Publishes a message for no holding; the answer says how many subscribers received it. */
  private static void awaitSubscribers(int count) {
    await().until(() -> direct.publish(ScriptedLocks.CHANNEL, "nobody") == count);
  }

  private static long serverMicros() {
    List<?> time = (List<?>) server.run(Protocol.Command.TIME);
    return number(time.get(0)) * 1_000_000 + number(time.get(1));
  }

  private static long number(Object bytes) {
    return Long.parseLong(new String((byte[]) bytes, US_ASCII));
  }

  private static <T> CompletableFuture<T> inBackground(Callable<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(work.call());
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return result;
  }
}
