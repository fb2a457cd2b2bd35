package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.RedisClient;

/** The holder of a lock renews it. */
final class RenewalIT {
  private static final SlotKey KEY = new SlotKey("users", "42");
  private static final String LOCK = "tidemark-lock:users:42";

  /** So long that no lock ends by itself, and no server counts as down on a slow machine. */
  private static final Duration LONG_LIFE = Duration.ofHours(1);

  /** Less than the rest of a life that has just begun. */
  private static final long LITTLE_MILLIS = Duration.ofMinutes(30).toMillis();

  private static List<RedisServer> servers;
  private static List<RedisClient> clients;

  private enum Kind {
    SCRIPTED {
      @Override
      LeaseService service(ManualTimer timer) {
        return scripted(clients.get(0), timer);
      }
    },
    WATCHED {
      @Override
      LeaseService service(ManualTimer timer) {
        RedisClient client = clients.get(0);
        return new LockServer(client, new WatchedLocks(client, LONG_LIFE), LONG_LIFE, timer);
      }
    },
    MAJORITY {
      @Override
      LeaseService service(ManualTimer timer) {
        return new LockServers(
            clients.stream().map(client -> scripted(client, timer)).toList(), LONG_LIFE);
      }
    };

    abstract LeaseService service(ManualTimer timer);

    private static LockServer scripted(RedisClient client, ManualTimer timer) {
      return new LockServer(client, new ScriptedLocks(client, LONG_LIFE), LONG_LIFE, timer);
    }
  }

  /** Keeps the repeated tasks until the test runs them. */
  private static final class ManualTimer extends ScheduledThreadPoolExecutor {
    private Runnable repeated = () -> fail("nothing is to be repeated yet");
    private Duration period = Duration.ZERO;
    private @Nullable ScheduledFuture<?> repetition;

    ManualTimer() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
        Runnable command, long initialDelay, long delay, TimeUnit unit) {
      assertThat(initialDelay).isEqualTo(delay);
      repeated = command;
      period = Duration.ofNanos(unit.toNanos(delay));
      ScheduledFuture<?> scheduled = super.scheduleWithFixedDelay(command, 1, 1, TimeUnit.DAYS);
      repetition = scheduled;
      return scheduled;
    }

    boolean isCancelled() {
      return repetition != null && repetition.isCancelled();
    }
  }

  @BeforeAll
  static void start() {
    servers = Stream.generate(RedisServer::start).limit(3).toList();
    clients = servers.stream().map(RedisServer::client).toList();
  }

  @AfterAll
  static void stop() {
    clients.forEach(RedisClient::close);
    servers.forEach(RedisServer::close);
  }

  @BeforeEach
  void forget() {
    clients.forEach(RedisClient::flushAll);
  }

  @ParameterizedTest
  @EnumSource
  void holder_thatLives_beginsALifeAnewOnEveryServerThreeTimesInOne(Kind kind) throws Exception {
    ManualTimer timer = new ManualTimer();
    LeaseService service = kind.service(timer);
    Watches watches = new Watches(service, Duration.ofMillis(20), timer, null);
    try (LeaseLocks locks = new LeaseLocks(service, watches, LONG_LIFE, timer)) {
      LockHandle handle = acquireOnceFree(locks, KEY);
      assertThat(timer.period).isEqualTo(LONG_LIFE.dividedBy(3));
      List<RedisClient> holding = kind == Kind.MAJORITY ? clients : clients.subList(0, 1);
      await().until(() -> holding.stream().allMatch(client -> client.exists(LOCK)));

      for (int i = 0; i < 3; i++) {
        holding.forEach(client -> client.pexpire(LOCK, LITTLE_MILLIS));
        await()
            .until(
                () -> {
                  // A renewal is skipped while the last one has no answer.
                  timer.repeated.run();
                  return holding.stream().allMatch(client -> client.pttl(LOCK) > LITTLE_MILLIS);
                });
      }

      assertThat(timer.isCancelled()).isFalse();
      handle.close();
      assertThat(timer.isCancelled()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void holder_thatLostItsLock_renewsItNoMore(Kind kind) throws Exception {
    ManualTimer timer = new ManualTimer();
    LeaseService service = kind.service(timer);
    Watches watches = new Watches(service, Duration.ofMillis(20), timer, null);
    try (LeaseLocks locks = new LeaseLocks(service, watches, LONG_LIFE, timer);
        LockHandle handle = acquireOnceFree(locks, KEY)) {
      assertThat(handle.fence()).isPositive();
      clients.forEach(RedisClient::flushAll);

      timer.repeated.run();

      await().until(timer::isCancelled);
    }
  }

  /** The renewal is requested even if the machine slept for longer than the lock's life. */
  @Test
  void holder_thatLives_isRenewedByItsOwnTimer() throws Exception {
    RedisClient client = clients.get(0);
    String renewal = client.scriptLoad(Script.resource("lock-renew.lua"));
    client.scriptFlush();
    try (RedisLocks locks = RedisLocks.builder(client).life(Duration.ofSeconds(1)).build();
        LockHandle handle = acquireOnceFree(locks, KEY)) {
      assertThat(handle.fence()).isPositive();

      await().until(() -> client.scriptExists(List.of(renewal)).get(0));
    }
  }
}
