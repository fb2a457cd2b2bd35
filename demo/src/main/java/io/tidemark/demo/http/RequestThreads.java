package io.tidemark.demo.http;

import io.tidemark.spi.DaemonThreads;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that serve requests. The JDK's server reads a request on the thread that then serves
 * it, so that clients which send half a request, or do not read the answer, would soon have them
 * all. Here only a part of the threads wait for clients, and none for long: the connection that has
 * kept its thread waiting longest is closed when one more has to wait. Thread-safe.
 */
final class RequestThreads implements Executor, AutoCloseable {
  private static final int IDLE_THREAD_SECONDS = 30;

  private final int mostWaiting;
  private final int mostLooks;
  private final ThreadPoolExecutor threads;
  private final ScheduledExecutorService timer;

  /** Guards what is below. */
  private final Object lock = new Object();

  /** Threads that wait for their clients, the longest first, and at which look they began. */
  private final Map<Thread, Long> waits = new LinkedHashMap<>();

  /** How often it was looked for long waits: they do not pass while the process is stopped. */
  private long looks;

  /**
   * Makes a thread when one is needed.
   *
   * @param mostThreads how many requests are served at once; further ones are refused
   * @param mostWaiting how many of them may wait for their clients at once
   * @param mostLooks how many looks for long waits one wait may see
   * @param pause between two looks
   */
  RequestThreads(int mostThreads, int mostWaiting, int mostLooks, Duration pause) {
    this.mostWaiting = mostWaiting;
    this.mostLooks = mostLooks;
    this.threads =
        new ThreadPoolExecutor(
            0,
            mostThreads,
            IDLE_THREAD_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            DaemonThreads.numbered("tidemark-http-"));
    this.timer = DaemonThreads.named("tidemark-http-timer").newTimer();
    ScheduledFuture<?> unused =
        timer.scheduleWithFixedDelay(
            this::look, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Runs a task that begins with a wait for the client, namely for the rest of its request.
   *
   * @throws RejectedExecutionException if every thread is busy; the server then hangs up
   */
  @Override
  public void execute(Runnable task) {
    threads.execute(
        () -> {
          beginWait();
          try {
            task.run();
          } finally {
            endWait();
          }
        });
  }

  /** The current thread, of a task, begins to wait for its client. */
  void beginWait() {
    synchronized (lock) {
      waits.remove(Thread.currentThread());
      waits.put(Thread.currentThread(), looks);
      if (waits.size() > mostWaiting) {
        hangUpOnTheLongest();
      }
    }
  }

  /** The current thread no longer waits for its client, if it did. */
  void endWait() {
    synchronized (lock) {
      waits.remove(Thread.currentThread());
      // It may have been told to hang up just when it had all that it waited for.
      boolean unused = Thread.interrupted();
    }
  }

  private void look() {
    synchronized (lock) {
      looks++;
      while (!waits.isEmpty() && looks - waits.values().iterator().next() > mostLooks) {
        hangUpOnTheLongest();
      }
    }
  }

  /** To interrupt a thread closes the connection that it reads from or writes to. */
  private void hangUpOnTheLongest() {
    Iterator<Thread> longest = waits.keySet().iterator();
    longest.next().interrupt();
    longest.remove();
  }

  /** Interrupts the requests under way. */
  @Override
  public void close() {
    timer.shutdownNow();
    threads.shutdownNow();
  }
}
