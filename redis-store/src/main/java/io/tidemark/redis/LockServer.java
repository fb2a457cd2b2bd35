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

  private static final Duration IDLE_THREAD_LIFE = Duration.ofSeconds(10);
  private static final String KEY_PREFIX = "tidemark-lock:";

  /** The cache of locks that only {@link #check} takes. */
  private static final String CHECKED = "tidemark-check";

  /** What cannot be deleted is soon gone all the same. */
  private static final Duration CHECKED_LIFE = Duration.ofSeconds(1);

  private final KeyLock.Factory locks;
  private final ClientPools pools;
  private final Failures failures;
  private final Duration life;
  private final ScheduledExecutorService timer;
  private final AtomicInteger requests = new AtomicInteger();
  private final ExecutorService threads =
      DaemonThreads.named(THREAD_NAME).newPool(IDLE_THREAD_LIFE);
  private final TaskLimit limit = TaskLimit.queueing(threads, THREADS, "requests");

  /**
   * A server.
   *
   * @param timer for what is asked again later; ends before this does
   */
  LockServer(
      UnifiedJedis jedis, KeyLock.Factory locks, Duration life, ScheduledExecutorService timer) {
    this.locks = locks;
    this.pools = new ClientPools(jedis);
    this.failures = new Failures(jedis);
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
  public CompletableFuture<Optional<KeyLock.Owner>> owner(SlotKey key) {
    return ask(() -> locks.owner(redisKey(key)));
  }

  @Override
  public List<Finding> check() {
    List<Finding> findings = new ArrayList<>(pools.check(THREADS + 1, "locks"));
    try {
      tryOut();
    } catch (JedisException e) {
      findings.add(failures.finding(SUBJECT, e));
    }
    return findings;
  }

  /** Takes a lock, is turned away from it, looks at it, keeps it alive and gives it back. */
  private void tryOut() {
    String token = UUID.randomUUID().toString();
    byte[] key = redisKey(new SlotKey(CHECKED, token));
    KeyLock.Factory trial = locks.withLife(CHECKED_LIFE);
    KeyLock lock = trial.attempt(key, token);
    lock.acquire();
    try {
      trial.attempt(key, UUID.randomUUID().toString()).acquire();
      Optional<KeyLock.Owner> unused = trial.owner(key);
      lock.renew();
    } finally {
      lock.release();
    }
  }

  @Override
  public void shutdown() {
    threads.shutdown();
  }

  Failures failures() {
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
    if (requests.incrementAndGet() > MOST_REQUESTS) {
      requests.decrementAndGet();
      return CompletableFuture.failedFuture(
          new IllegalStateException(MOST_REQUESTS + " requests wait for an answer already"));
    }
    CompletableFuture<T> answer = new CompletableFuture<>();
    if (!tell(() -> run(request, answer))) {
      answer.completeExceptionally(closed());
    }
    return answer.whenComplete((ignored, failure) -> requests.decrementAndGet());
  }

  /**
   * Sends a request that nobody waits for.
   *
   * @return whether it will be sent; not once this was shut down
   */
  boolean tell(Runnable request) {
    try {
      limit.execute(request);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
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

  private static <T> void run(Callable<T> request, CompletableFuture<T> answer) {
    try {
      answer.complete(request.call());
    } catch (Throwable e) {
      // Errors too: whoever waits must hear of them.
      answer.completeExceptionally(e);
    }
  }

  /** Not below the prefix of slots, which {@code clear} removes. */
  private static byte[] redisKey(SlotKey key) {
    return (KEY_PREFIX + key.cache() + ":" + key.key()).getBytes(UTF_8);
  }
}
