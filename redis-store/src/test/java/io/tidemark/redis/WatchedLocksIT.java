package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.AbstractTransaction;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;

/** Each command of locks without scripts. */
class WatchedLocksIT {
  private static final String LOCK = "tidemark-lock:users:42";
  private static final byte[] KEY = LOCK.getBytes(UTF_8);
  private static final Duration LIFE = Duration.ofHours(1);

  private static RedisServer server;
  private static RedisClient client;

  private WatchedLocks locks;

  @BeforeAll
  static void start() {
    server = RedisServer.start();
    client = server.client();
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  @BeforeEach
  void forget() {
    client.flushAll();
    locks = new WatchedLocks(client, LIFE);
  }

  @Test
  void acquire_freeKey_setsTheVersionThatIsTheFence() {
    LockCommands lock = locks.attempt(KEY, "unused");

    long fence = ((LockReply.Acquired) lock.acquire()).fence();

    assertThat(client.get(LOCK)).isEqualTo(Long.toString(fence));
    assertThat(client.pttl(LOCK)).isBetween(1L, LIFE.toMillis());
    assertThat(locks.owner(KEY))
        .hasValueSatisfying(o -> assertThat(o.token()).isEqualTo("" + fence));
  }

  @Test
  void acquire_isTheAttemptsAlready_givesTheSameFence() {
    LockCommands lock = locks.attempt(KEY, "unused");
    LockReply first = lock.acquire();

    assertThat(lock.acquire()).isInstanceOf(LockReply.Acquired.class).isEqualTo(first);
  }

  @Test
  void verbs_ofAnotherAttempt_areRefusedAndChangeNothing() {
    LockCommands mine = locks.attempt(KEY, "unused");
    LockCommands another = locks.attempt(KEY, "unused");
    assertThat(mine.acquire()).isInstanceOf(LockReply.Acquired.class);
    client.pexpire(LOCK, 1_000_000);

    assertThat(another.acquire()).isInstanceOf(LockReply.Held.class);
    assertThat(another.renew()).isFalse();
    assertThat(another.release()).isFalse();

    assertThat(client.pttl(LOCK)).isLessThanOrEqualTo(1_000_000);
    assertThat(mine.renew()).isTrue();
    assertThat(client.pttl(LOCK)).isGreaterThan(1_000_000);
    assertThat(mine.release()).isTrue();
    assertThat(client.exists(LOCK)).isFalse();
    assertThat(mine.renew()).isFalse();
    assertThat(mine.release()).isFalse();
  }

  @Test
  void verbs_runNoScript() {
    server.run(Protocol.Command.CONFIG, "RESETSTAT");
    LockCommands lock = locks.attempt(KEY, "unused");
    lock.acquire();
    lock.renew();
    lock.release();
    assertThat(client.info("commandstats")).doesNotContain("cmdstat_eval");
  }

  @Test
  void release_whileAnotherTakesTheExpiredLock_neverDeletesTheOthers() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int i = 0; i < 300; i++) {
        client.del(LOCK);
        LockCommands old = locks.attempt(KEY, "unused");
        old.acquire();
        LockCommands next = locks.attempt(KEY, "unused");
        AtomicBoolean taken = new AtomicBoolean();
        Callable<Boolean> release = old::release;
        Callable<Boolean> take =
            () -> {
              // As the end of the old holder's life does.
              client.del(LOCK);
              taken.set(next.acquire() instanceof LockReply.Acquired);
              return true;
            };
        List<Future<Boolean>> both = new ArrayList<>(threads.invokeAll(List.of(release, take)));
        for (Future<Boolean> one : both) {
          one.get();
        }
        assertThat(client.exists(LOCK)).isEqualTo(taken.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void connections_afterEachEnd_watchNothing() {
    ConnectionPoolConfig onlyOne = new ConnectionPoolConfig();
    onlyOne.setMaxTotal(1);
    try (RedisClient narrow = RedisServer.client(server.port(), Awaiting.LIMIT, onlyOne)) {
      WatchedLocks narrowLocks = new WatchedLocks(narrow, LIFE);
      LockCommands lock = narrowLocks.attempt(KEY, "unused");
      lock.acquire();
      assertWatchesNothing(narrow);
      LockCommands another = narrowLocks.attempt(KEY, "unused");
      another.acquire();
      assertWatchesNothing(narrow);
      lock.release();
      assertWatchesNothing(narrow);
      client.del(LOCK);
      client.lpush(LOCK, "not a lock");
      another.acquire();
      assertWatchesNothing(narrow);
      client.del(LOCK);
      server.run(Protocol.Command.ACL, "SETUSER", "default", "-time");
      try {
        assertThatThrownBy(another::acquire).hasMessageContaining("NOPERM");
      } finally {
        server.run(Protocol.Command.ACL, "SETUSER", "default", "+time");
      }
      assertWatchesNothing(narrow);
    }
  }

  /** On a connection that still watched the key, the next transaction would fail. */
  private static void assertWatchesNothing(RedisClient narrow) {
    client.set(LOCK, "somebody's");
    try (AbstractTransaction transaction = narrow.multi()) {
      transaction.exists(LOCK);
      assertThat(transaction.exec()).isNotNull();
    }
  }
}
