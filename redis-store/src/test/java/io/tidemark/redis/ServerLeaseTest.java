package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/** What is sent for one attempt, and in which order, to fake commands. */
class ServerLeaseTest {
  private static final SlotKey KEY = new SlotKey("users", "42");
  private static final LockReply ACQUIRED = new LockReply.Acquired(7);
  private static final LockReply HELD = new LockReply.Held(LockOwner.GONE);

  private final List<String> sent = new CopyOnWriteArrayList<>();
  private final CountDownLatch acquiring = new CountDownLatch(1);
  private final CountDownLatch answered = new CountDownLatch(1);
  private final ScheduledExecutorService timer = LockRequests.newTimer();
  private final RedisClient unused = RedisClient.create();
  private volatile Supplier<LockReply> acquire = () -> ACQUIRED;
  private volatile Supplier<Boolean> release = () -> true;
  private final LockRequests requests = new LockRequests(timer);
  private final LockServer server =
      new LockServer(unused, new FakeLocks(), Duration.ofHours(1), requests);
  private final Lease lease = server.newLease(KEY, "token");

  @AfterEach
  void stop() {
    timer.shutdownNow();
    server.shutdown();
    unused.close();
  }

  @Test
  void release_beforeTheAcquireWasSent_nothingIsEverSent() {
    lease.release();

    assertThat(lease.acquire()).failsWithin(Awaiting.LIMIT);

    assertThat(sent).isEmpty();
  }

  @Test
  void release_whileTheAcquireIsUnderWay_isSentAfterIt() throws Exception {
    acquire =
        () -> {
          acquiring.countDown();
          awaitUninterrupted(answered);
          sent.add("answered");
          return ACQUIRED;
        };
    CompletableFuture<LockReply> reply = lease.acquire();
    acquiring.await();

    lease.release();
    answered.countDown();

    assertThat(reply).succeedsWithin(Awaiting.LIMIT).isEqualTo(ACQUIRED);
    await().until(() -> sent.equals(List.of("acquire", "answered", "release")));
  }

  @Test
  void release_heldByAnother_isNotSent() {
    acquire = () -> HELD;
    assertThat(lease.acquire()).succeedsWithin(Awaiting.LIMIT).isEqualTo(HELD);

    lease.release();

    assertThatNothingMoreIsSentThan("acquire");
  }

  @Test
  void release_acquireWasRefused_isNotSent() {
    acquire =
        () -> {
          throw new JedisDataException("OOM");
        };
    assertThat(lease.acquire()).failsWithin(Awaiting.LIMIT);

    lease.release();

    assertThatNothingMoreIsSentThan("acquire");
  }

  @Test
  void release_acquireHadNoAnswerAndComesLate_isRepeatedUntilItFindsTheLock() {
    acquire =
        () -> {
          throw new JedisConnectionException(new SocketTimeoutException("the answer was lost"));
        };
    release = () -> sent.size() >= 5;
    assertThat(lease.acquire()).failsWithin(Awaiting.LIMIT);

    lease.release();

    await()
        .until(() -> sent.equals(List.of("acquire", "release", "release", "release", "release")));
    assertThatNothingMoreIsSentThan("acquire", "release", "release", "release", "release");
  }

  /** The first sending may still be on its way, and acquire the lock later. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void release_acquireWasSentAgain_isRepeatedWhateverItFinds(boolean isAcquired) {
    LockReply second = isAcquired ? ACQUIRED : HELD;
    acquire =
        () -> {
          if (sent.size() == 1) {
            throw broken();
          }
          return second;
        };
    release = () -> sent.size() % 2 == 1;
    assertThat(lease.acquire()).succeedsWithin(Awaiting.LIMIT).isEqualTo(second);

    lease.release();

    await().until(() -> sent.size() >= 6);
    assertThat(sent).startsWith("acquire", "acquire", "release", "release", "release", "release");
  }

  @Test
  void acquire_connectionBreaksAgain_failsAfterTwo() {
    acquire =
        () -> {
          throw broken();
        };

    assertThat(lease.acquire()).failsWithin(Awaiting.LIMIT);

    assertThatNothingMoreIsSentThan("acquire", "acquire");
  }

  @Test
  void acquire_connectionBreaksAfterTheCallerLeft_isNotSentAgain() {
    acquire =
        () -> {
          lease.release();
          throw broken();
        };

    assertThat(lease.acquire()).failsWithin(Awaiting.LIMIT);

    assertThat(sent).doesNotHaveDuplicates().startsWith("acquire");
  }

  @Test
  void renewAndOwner_connectionBreaks_areSentAgain() {
    assertThat(lease.acquire()).succeedsWithin(Awaiting.LIMIT).isEqualTo(ACQUIRED);

    assertThat(lease.renew()).succeedsWithin(Awaiting.LIMIT).isEqualTo(true);
    assertThat(server.owner(KEY)).succeedsWithin(Awaiting.LIMIT).isEqualTo(Optional.empty());

    assertThat(sent).containsExactly("acquire", "renew", "renew", "owner", "owner");
  }

  @Test
  void release_isNotAnswered_isRepeated() {
    release =
        () -> {
          if (sent.size() < 4) {
            throw new JedisConnectionException("away");
          }
          return false;
        };
    assertThat(lease.acquire()).succeedsWithin(Awaiting.LIMIT).isEqualTo(ACQUIRED);

    lease.release();

    await().until(() -> sent.equals(List.of("acquire", "release", "release", "release")));
    assertThatNothingMoreIsSentThan("acquire", "release", "release", "release");
  }

  @Test
  void release_throwsAnError_isRepeated() {
    release =
        () -> {
          if (sent.size() < 3) {
            throw new NoClassDefFoundError("by the client");
          }
          return true;
        };
    assertThat(lease.acquire()).succeedsWithin(Awaiting.LIMIT).isEqualTo(ACQUIRED);

    lease.release();

    await().until(() -> sent.equals(List.of("acquire", "release", "release")));
  }

  /** As if the machine could start no more threads for a while. */
  @Test
  void requests_noThreadCanBeMade_failOrWaitAndLeaveTheirRoom() {
    Queue<Error> errors = new ConcurrentLinkedQueue<>();
    ExecutorService threads =
        new ForkJoinPool(1) {
          @Override
          public void execute(Runnable task) {
            Error error = errors.poll();
            if (error != null) {
              throw error;
            }
            super.execute(task);
          }
        };
    LockServer poor =
        new LockServer(
            unused, new FakeLocks(), Duration.ofHours(1), new LockRequests(timer, threads));
    for (int i = 0; i < 2_000; i++) {
      errors.add(new OutOfMemoryError("unable to create native thread"));
      assertThat(poor.newLease(KEY, "token").acquire())
          .failsWithin(Awaiting.LIMIT)
          .withThrowableThat()
          .withMessageContaining("native thread");
    }
    Lease held = poor.newLease(KEY, "token");
    assertThat(held.acquire()).succeedsWithin(Awaiting.LIMIT).isEqualTo(ACQUIRED);
    errors.add(new OutOfMemoryError("unable to create native thread"));

    held.release();

    await().until(() -> sent.equals(List.of("acquire", "release")));
    poor.shutdown();
  }

  @Test
  void release_twice_isSentOnce() {
    assertThat(lease.acquire()).succeedsWithin(Awaiting.LIMIT).isEqualTo(ACQUIRED);

    lease.release();
    lease.release();

    await().until(() -> sent.contains("release"));
    assertThatNothingMoreIsSentThan("acquire", "release");
  }

  /** Everything was sent once both the timer and the threads have nothing left to do. */
  private void assertThatNothingMoreIsSentThan(String... requests) {
    assertThat(this.requests.ask(() -> true)).succeedsWithin(Awaiting.LIMIT);
    assertThat(((ScheduledThreadPoolExecutor) timer).getQueue()).isEmpty();
    assertThat(sent).containsExactly(requests);
  }

  /** What Jedis throws if an established connection has ended. */
  private static JedisConnectionException broken() {
    return new JedisConnectionException("Unexpected end of stream.");
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private final class FakeLocks implements LockCommands.Factory {
    @Override
    public LockCommands attempt(byte[] key, String token) {
      return new LockCommands() {
        @Override
        public LockReply acquire() {
          sent.add("acquire");
          return acquire.get();
        }

        @Override
        public boolean renew() {
          return secondTime("renew");
        }

        @Override
        public boolean release() {
          sent.add("release");
          return release.get();
        }
      };
    }

    @Override
    public LockCommands.Factory withLife(Duration life) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Rights rights() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<LockOwner> owner(byte[] key) {
      secondTime("owner");
      return Optional.empty();
    }

    /** Breaks the connection the first time. */
    private boolean secondTime(String request) {
      boolean isFirst = !sent.contains(request);
      sent.add(request);
      if (isFirst) {
        throw broken();
      }
      return true;
    }
  }
}
