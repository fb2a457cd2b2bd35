package io.tidemark.redis;

import io.tidemark.spi.DaemonThreads;
import io.tidemark.spi.TaskLimit;
import java.time.Duration;
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

/**
 * Sends requests to one server on threads of its own, because a client may block for longer than a
 * caller waits. No method blocks. Thread-safe.
 */
final class LockRequests {
  static final String THREAD_NAME = "tidemark-redis-lock";
  static final int THREADS = 16;

  /** Far more than ever wait for a server that answers. */
  private static final int MOST_REQUESTS = 1_024;

  /**
   * How many of those only look at a lock. Looks are repeated, so they must not keep callers from
   * acquiring a lock, nor a holder from renewing its own. A small number keeps each wait short.
   */
  private static final int MOST_LOOKS = 2 * THREADS;

  private static final Duration IDLE_THREAD_LIFE = Duration.ofSeconds(10);
  private static final Duration NO_THREAD_PAUSE = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(LockRequests.class);

  private final ScheduledExecutorService timer;
  private final ExecutorService threads;
  private final TaskLimit limit;
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger looks = new AtomicInteger();

  /**
   * Requests to one server.
   *
   * @param timer for requests that are sent later; ends before this does
   */
  LockRequests(ScheduledExecutorService timer) {
    this(timer, DaemonThreads.named(THREAD_NAME).newPool(IDLE_THREAD_LIFE));
  }

  /** Requests that are sent on the given threads, which end with this. */
  LockRequests(ScheduledExecutorService timer, ExecutorService threads) {
    this.timer = timer;
    this.threads = threads;
    this.limit = TaskLimit.queueing(threads, THREADS, "requests");
  }

  /**
   * Sends a request. If too many requests wait already, as for a server that does not answer, it
   * fails at once and is not sent.
   */
  <T> CompletableFuture<T> ask(Callable<T> request) {
    return ask(request, asked, MOST_REQUESTS);
  }

  /** Sends a request that only looks at a lock, with a lower limit. */
  <T> CompletableFuture<T> look(Callable<T> request) {
    return ask(request, looks, MOST_LOOKS);
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
      // Such as an OutOfMemoryError if no thread can be started.
      answer = CompletableFuture.failedFuture(e);
    }
    return answer.whenComplete((ignored, failure) -> underWay.decrementAndGet());
  }

  /** Sends a request without an answer. If no thread can be started, tries again until closed. */
  void tell(Runnable request) {
    try {
      limit.execute(request);
    } catch (RejectedExecutionException e) {
      // The locks are closed: what is left behind ends with its life.
    } catch (Error e) {
      LOG.debug("a request to Redis could not be sent; trying again", e);
      tellLater(NO_THREAD_PAUSE, request);
    }
  }

  /** Sends a request later, unless the timer has ended by then. */
  @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for it.
  void tellLater(Duration pause, Runnable request) {
    try {
      timer.schedule(() -> tell(request), pause.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The locks are closed: what is left behind ends with its life.
    }
  }

  /**
   * Runs an action after a time unless a future has ended by then. The future's own timeout methods
   * would start a JDK thread that inherits the context of its caller.
   */
  void unlessDone(CompletableFuture<?> future, Duration time, Runnable late) {
    try {
      Future<?> timing = timer.schedule(late, time.toNanos(), TimeUnit.NANOSECONDS);
      CompletableFuture<?> unused = future.whenComplete((answer, failure) -> timing.cancel(false));
    } catch (RejectedExecutionException e) {
      // The locks are closed: the client's own timeouts end the requests.
    }
  }

  /** Accepts no more requests; those accepted before are still sent. */
  void shutdown() {
    threads.shutdown();
  }

  static IllegalStateException closed() {
    return new IllegalStateException("the locks are closed");
  }

  /** Creates the timer of one provider, which ends it. Its tasks must not block. */
  static ScheduledExecutorService newTimer() {
    return DaemonThreads.named(THREAD_NAME).newTimer();
  }
}
