package io.tidemark.demo.node;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.demo.http.RefusedRequestException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Many callers ask for one product at the same moment. Thread-safe. */
final class Stampede {
  /** The most callers that one node plays at a time. */
  static final int MAX_REQUESTS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(Stampede.class);
  private static final double NANOS_PER_MILLI = 1_000_000;

  private final Semaphore callers = new Semaphore(MAX_REQUESTS);

  /**
   * What came of it.
   *
   * @param totalRequests how many callers there were
   * @param dbReads how often this process read the database for them
   * @param cacheHits how many had their answer without a read of their own
   * @param avgLatency the callers' mean in milliseconds
   * @param errors how many had no answer but an error
   * @param startedAtMicros when they were let loose, in microseconds since 1970
   * @param loadEndedAtMicros when this process's load ended, likewise; null if it loaded nothing
   * @param lastAnsweredAtMicros when the last caller had its answer, likewise
   * @param callers each of the callers; null if nobody asked for them
   */
  record Report(
      int totalRequests,
      int dbReads,
      int cacheHits,
      double avgLatency,
      int errors,
      long startedAtMicros,
      @Nullable Long loadEndedAtMicros,
      long lastAnsweredAtMicros,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<Caller> callers) {}

  /**
   * What became of one caller.
   *
   * @param latency how long it waited, in milliseconds
   * @param answeredAtMicros when it had its answer, in microseconds since 1970
   * @param failed whether the answer was an error
   */
  record Caller(double latency, long answeredAtMicros, boolean failed) {}

  /** What a report has. */
  enum Detail {
    /** What the callers came to. */
    SUMMARY,
    /** Each of them besides. */
    CALLERS
  }

  /**
   * Lets the callers loose, and blocks until each had its answer.
   *
   * @throws RefusedRequestException 503 if stampedes under way leave too few callers
   */
  Report run(Strategy strategy, ProductRead read, int requests, Detail detail)
      throws InterruptedException {
    if (!callers.tryAcquire(requests)) {
      throw new RefusedRequestException(
          503,
          "requests is %d; with the stampedes under way it must be at most %d"
              .formatted(requests, callers.availablePermits()));
    }
    ExecutorService threads = Executors.newFixedThreadPool(requests);
    try {
      AtomicLong startedAtMicros = new AtomicLong();
      CyclicBarrier start =
          new CyclicBarrier(requests, () -> startedAtMicros.set(ProductRead.microsNow()));
      Meeting meeting = new Meeting(requests);
      Callable<Caller> caller = () -> call(strategy, read, start, meeting);
      List<Future<Caller>> answers = threads.invokeAll(Collections.nCopies(requests, caller));
      return report(read, startedAtMicros.get(), callers(answers), detail);
    } finally {
      threads.shutdownNow();
      callers.release(requests);
    }
  }

  private static Caller call(
      Strategy strategy, ProductRead read, CyclicBarrier start, Meeting meeting)
      throws InterruptedException, BrokenBarrierException {
    start.await();
    long startedNanos = System.nanoTime();
    boolean failed = false;
    try {
      strategy.read(read, meeting);
    } catch (Exception e) {
      LOG.debug("a caller of product {} got an error", read, e);
      failed = true;
    } finally {
      read.callerEnded();
    }
    return new Caller(
        (System.nanoTime() - startedNanos) / NANOS_PER_MILLI, ProductRead.microsNow(), failed);
  }

  private static Report report(
      ProductRead read, long startedAtMicros, List<Caller> callers, Detail detail) {
    int requests = callers.size();
    int errors = (int) callers.stream().filter(Caller::failed).count();
    return new Report(
        requests,
        read.loads(),
        Math.max(0, requests - errors - read.loads()),
        callers.stream().mapToDouble(Caller::latency).average().orElseThrow(),
        errors,
        startedAtMicros,
        read.loadEndedAtMicros(),
        callers.stream().mapToLong(Caller::answeredAtMicros).max().orElseThrow(),
        detail == Detail.CALLERS ? callers : null);
  }

  private static List<Caller> callers(List<Future<Caller>> answers) throws InterruptedException {
    List<Caller> callers = new ArrayList<>();
    for (Future<Caller> answer : answers) {
      try {
        callers.add(answer.get());
      } catch (ExecutionException e) {
        throw new IllegalStateException("a caller never called", e.getCause());
      }
    }
    return List.copyOf(callers);
  }
}
