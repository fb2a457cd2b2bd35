package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.spi.DaemonThreads;
import io.tidemark.spi.Finding;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.TaskLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;

/**
 * One Redis that locks are taken on, and the threads that ask it: a client blocks for as long as
 * its own timeouts let it, and no caller may wait so long. Thread-safe.
 */
final class LockServer implements LeaseService {
  static final String THREAD_NAME = "tidemark-redis-lock";
  static final int THREADS = 16;

  /** Of what {@link #check} finds in its trial. */
  static final String SUBJECT = "Redis locks";

  /** Far more than a server that answers ever has waiting. */
  private static final int MOST_REQUESTS = 1_024;

  /**
   * Of those, how many only look. They come again, and must neither keep a lock from those who take
   * it nor a holder from its own; few of them wait in turn, and none for long.
   */
  private static final int MOST_LOOKS = 2 * THREADS;

  private static final Duration IDLE_THREAD_LIFE = Duration.ofSeconds(10);
  private static final Duration NO_THREAD_PAUSE = Duration.ofSeconds(1);
  private static final String KEY_PREFIX = "tidemark-lock:";

  /** The cache of locks that only {@link #check} takes. */
  private static final String CHECKED = "tidemark-check";

  /** What cannot be deleted is soon gone all the same. */
  private static final Duration CHECKED_LIFE = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(LockServer.class);

  private final UnifiedJedis jedis;
  private final LockCommands.Factory locks;
  private final ClientPools pools;
  private final JedisFailures failures;
  private final Duration life;
  private final ScheduledExecutorService timer;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger looks = new AtomicInteger();
  private final ExecutorService threads;
  private final TaskLimit limit;

  /**
   * A server.
   *
   * @param timer for what is asked again later; ends before this does
   */
  LockServer(
      UnifiedJedis jedis,
      LockCommands.Factory locks,
      Duration life,
      ScheduledExecutorService timer) {
    this(jedis, locks, life, timer, DaemonThreads.named(THREAD_NAME).newPool(IDLE_THREAD_LIFE));
  }

  /** A server that is asked on some threads, which end with it. */
  LockServer(
      UnifiedJedis jedis,
      LockCommands.Factory locks,
      Duration life,
      ScheduledExecutorService timer,
      ExecutorService threads) {
    this.threads = threads;
    this.limit = TaskLimit.queueing(threads, THREADS, "requests");
    this.jedis = jedis;
    this.locks = locks;
    this.pools = new ClientPools(jedis);
    this.failures = new JedisFailures(jedis);
    this.life = life;
    this.timer = timer;
  }

  @Override
  public Lease newLease(SlotKey key, String token) {
    return new ServerLease(this, key, locks.attempt(redisKey(key), token));
  }

  @Override
  public CompletableFuture<OptionalLong> remaining(SlotKey key, String token) {
    return owner(key)
        .thenApply(
            owner ->
                owner.isPresent() && owner.get().token().equals(token)
                    ? OptionalLong.of(owner.get().remainingMillis())
                    : OptionalLong.empty());
  }

  @Override
  public CompletableFuture<Optional<LockOwner>> owner(SlotKey key) {
    return ask(() -> pools.repeating(() -> locks.owner(redisKey(key))), looks, MOST_LOOKS);
  }

  @Override
  public List<Finding> check() {
    List<Finding> findings = new ArrayList<>(pools.check(THREADS + 1, "locks"));
    try {
      Master.of(jedis).forEach(master -> findings.addAll(check(master)));
    } catch (JedisException e) {
      findings.add(failures.finding(SUBJECT, e));
    }
    return findings;
  }

  private List<Finding> check(Master master) {
    try {
      pools.repeating(() -> tryOut(master));
      return List.of();
    } catch (JedisException e) {
      return List.of(failures.finding(master.named(SUBJECT), e));
    }
  }

  /** Takes a lock, is turned away from it, looks at it, keeps it alive and gives it back. */
  private void tryOut(Master master) {
    String token = UUID.randomUUID().toString();
    byte[] key = redisKey(master.keyHere(new SlotKey(CHECKED, token), LockServer::redisKey));
    LockCommands.Factory trial = locks.withLife(CHECKED_LIFE);
    LockCommands lock = trial.attempt(key, token);
    lock.acquire();
    try {
      trial.attempt(key, UUID.randomUUID().toString()).acquire();
      Optional<LockOwner> unused = trial.owner(key);
      lock.renew();
    } finally {
      lock.release();
    }
  }

  @Override
  public void shutdown() {
    threads.shutdown();
  }

  ClientPools pools() {
    return pools;
  }

  JedisFailures failures() {
    return failures;
  }

  Duration life() {
    return life;
  }

  /**
   * Sends a request on a thread of this server. A server that does not answer must not be asked by
   * ever more: from some number on, requests fail at once and are not sent.
   */
  <T> CompletableFuture<T> ask(Callable<T> request) {
    return ask(request, requests, MOST_REQUESTS);
  }

  @SuppressWarnings(
      "CatchingUnchecked") // Whatever kept it from being sent, its caller hears of it.
  private <T> CompletableFuture<T> ask(Callable<T> request, AtomicInteger underWay, int most) {
    if (underWay.incrementAndGet() > most) {
      underWay.decrementAndGet();
      return CompletableFuture.failedFuture(new NoRoomException(most));
    }
    CompletableFuture<T> answer;
    try {
      answer = limit.submit(request);
    } catch (RejectedExecutionException e) {
      answer = CompletableFuture.failedFuture(closed());
    } catch (Throwable e) {
      // Such as an OutOfMemoryError where no thread can be made.
      answer = CompletableFuture.failedFuture(e);
    }
    return answer.whenComplete((ignored, failure) -> underWay.decrementAndGet());
  }

  /** Sends a request that nobody waits for; later where no thread can be made, until the end. */
  void tell(Runnable request) {
    try {
      limit.execute(request);
    } catch (RejectedExecutionException e) {
      // The locks are closed: the life of what is left behind ends it.
    } catch (Error e) {
      LOG.debug("a request to Redis could not be sent; trying on", e);
      tellLater(NO_THREAD_PAUSE, request);
    }
  }

  /** Sends a request later, and not at all once the timer has ended. */
  @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for it.
  void tellLater(Duration pause, Runnable request) {
    try {
      timer.schedule(() -> tell(request), pause.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The locks are closed: the life of what is left behind ends it.
    }
  }

  /**
   * Does something after a time unless a future has ended by then. Not by the future itself, for
   * which the JDK makes a thread of its own, with all that a caller's thread hands down.
   */
  void unlessDone(CompletableFuture<?> future, Duration time, Runnable late) {
    try {
      Future<?> timing = timer.schedule(late, time.toNanos(), TimeUnit.NANOSECONDS);
      CompletableFuture<?> unused = future.whenComplete((answer, failure) -> timing.cancel(false));
    } catch (RejectedExecutionException e) {
      // The locks are closed: the client's own timeouts end the requests.
    }
  }

  static IllegalStateException closed() {
    return new IllegalStateException("the locks are closed");
  }

  /** The timer of one provider, which ends it. What it runs does not block. */
  static ScheduledExecutorService newTimer() {
    return DaemonThreads.named(THREAD_NAME).newTimer();
  }

  /** Not below the prefix of slots, which {@code clear} removes. */
  private static byte[] redisKey(SlotKey key) {
    return (KEY_PREFIX + key.cache() + ":" + key.key()).getBytes(UTF_8);
  }
}
