package io.tidemark.proof.failures;

import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A clock that goes on when a test says so, and by as long as somebody sleeps by it. However slow
 * the machine is, nothing is late by this clock. It begins at zero. Thread-safe.
 */
final class HandMovedTime implements Ticker {
  private final CompletableFuture<Void> slept = new CompletableFuture<>();
  private final Queue<Planned<?>> planned = new PriorityQueue<>();
  private long nanos;

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  /** How long it has gone on. */
  Duration elapsed() {
    return Duration.ofNanos(nanos());
  }

  /** Is done once somebody sleeps by this clock. */
  CompletableFuture<Void> slept() {
    return slept;
  }

  /** Goes on, and runs what is due then on the calling thread. */
  void pass(Duration time) {
    synchronized (this) {
      nanos += time.toNanos();
      notifyAll();
    }
    runDue();
  }

  @Override
  public void sleep(long time) throws InterruptedException {
    if (time > 0) {
      slept.complete(null);
      TimeUnit.NANOSECONDS.sleep(time);
      pass(Duration.ofNanos(time));
    }
  }

  @Override
  public <T> T await(CompletableFuture<T> future, long time)
      throws InterruptedException, ExecutionException, TimeoutException {
    CompletableFuture<?> unused = future.whenComplete((result, failure) -> pass(Duration.ZERO));
    synchronized (this) {
      long endNanos = nanos + time;
      while (!future.isDone() && nanos - endNanos < 0) {
        wait();
      }
    }
    return future.get(0, TimeUnit.NANOSECONDS);
  }

  /** Runs what is planned when this clock has come so far. It needs no shutdown. */
  ScheduledExecutorService scheduler() {
    return new Scheduler();
  }

  private void runDue() {
    Planned<?> due;
    while ((due = nextDue()) != null) {
      due.run();
    }
  }

  private synchronized @Nullable Planned<?> nextDue() {
    Planned<?> first = planned.peek();
    return first != null && first.dueNanos - nanos <= 0 ? planned.poll() : null;
  }

  private <V> Planned<V> plan(Callable<V> task, long delayNanos) {
    Planned<V> plan;
    synchronized (this) {
      plan = new Planned<>(task, nanos + delayNanos);
      planned.add(plan);
    }
    runDue();
    return plan;
  }

  /** It has no thread: nothing but single runs is asked of it. */
  private final class Scheduler extends ScheduledThreadPoolExecutor {
    Scheduler() {
      super(0);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
      return schedule(Executors.callable(command), delay, unit);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
      return plan(callable, unit.toNanos(delay));
    }
  }

  private final class Planned<V> extends FutureTask<V> implements ScheduledFuture<V> {
    private final long dueNanos;

    Planned(Callable<V> task, long dueNanos) {
      super(task);
      this.dueNanos = dueNanos;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(dueNanos - nanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(dueNanos, ((Planned<?>) other).dueNanos);
    }
  }
}
