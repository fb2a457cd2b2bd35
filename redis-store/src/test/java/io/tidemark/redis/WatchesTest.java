package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.patience;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.Finding;
import io.tidemark.spi.LockAttempt.Holder;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.RedisClient;

/** How callers wait while a server gets more requests than it answers. */
class WatchesTest {
  private static final Duration LIFE = Duration.ofHours(1);
  private static final SlotKey KEY = new SlotKey("users", "42");

  /** More requests than a server is sent at once. */
  private static final int MANY = 2_000;

  private final ScheduledExecutorService timer = LockRequests.newTimer();
  private final RedisClient unused = RedisClient.create();
  private final CountDownLatch answering = new CountDownLatch(1);
  private final AtomicInteger looks = new AtomicInteger();

  @AfterEach
  void stop() {
    answering.countDown();
    timer.shutdownNow();
    unused.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void awaitGone_looksFindNoRoom_waitsForRoom(int size) throws Exception {
    List<LockServer> servers = Stream.generate(this::newServer).limit(size).toList();
    servers.forEach(WatchesTest::fillWithLooks);
    LeaseService service = size == 1 ? servers.get(0) : new LockServers(servers, LIFE);
    try (Watches watches = new Watches(counting(service), Duration.ofMillis(1), timer, null)) {
      Holder holder = watches.holder(KEY, new LockOwner("another's", LIFE.toMillis()));
      CompletableFuture<Boolean> gone = inBackground(() -> holder.awaitGone(patience()));

      await().until(() -> gone.isDone() || looks.get() > 10);
      assertThat(gone).isNotDone();
      answering.countDown();

      assertThat(gone).succeedsWithin(Awaiting.LIMIT).isEqualTo(true);
    }
    servers.forEach(LockServer::shutdown);
  }

  /** Waiting callers must not keep others from a free lock, nor a holder from its own. */
  @Test
  void acquire_whileManyLook_findsRoom() {
    LockServer server = newServer();
    fillWithLooks(server);
    CompletableFuture<LockReply> reply = server.newLease(KEY, "mine").acquire();
    CompletableFuture<Boolean> renewal = server.newLease(KEY, "mine").renew();
    answering.countDown();

    assertThat(reply).succeedsWithin(Awaiting.LIMIT).isEqualTo(new LockReply.Acquired(1));
    assertThat(renewal).succeedsWithin(Awaiting.LIMIT).isEqualTo(true);
    server.shutdown();
  }

  private LockServer newServer() {
    return new LockServer(unused, new FakeLocks(), LIFE, timer);
  }

  private static void fillWithLooks(LockServer server) {
    for (int i = 0; i < MANY; i++) {
      CompletableFuture<?> unusedAnswer = server.owner(KEY);
    }
  }

  private void awaitAnswer() {
    try {
      answering.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CompletableFuture<Boolean> inBackground(Callable<Boolean> work) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return work.call();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private LeaseService counting(LeaseService service) {
    return new LeaseService() {
      @Override
      public Lease newLease(SlotKey key, String token) {
        return service.newLease(key, token);
      }

      @Override
      public CompletableFuture<OptionalLong> remaining(SlotKey key, String token) {
        looks.incrementAndGet();
        return service.remaining(key, token);
      }

      @Override
      public CompletableFuture<Optional<LockOwner>> owner(SlotKey key) {
        return service.owner(key);
      }

      @Override
      public List<Finding> check() {
        return service.check();
      }

      @Override
      public void shutdown() {
        service.shutdown();
      }
    };
  }

  /** Locks that are free once the server answers. */
  private final class FakeLocks implements LockCommands.Factory {
    @Override
    public LockCommands attempt(byte[] key, String token) {
      return new LockCommands() {
        @Override
        public LockReply acquire() {
          return new LockReply.Acquired(1);
        }

        @Override
        public boolean renew() {
          return true;
        }

        @Override
        public boolean release() {
          return true;
        }
      };
    }

    @Override
    public LockCommands.Factory withLife(Duration life) {
      return this;
    }

    @Override
    public Rights rights() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<LockOwner> owner(byte[] key) {
      awaitAnswer();
      return Optional.empty();
    }
  }
}
