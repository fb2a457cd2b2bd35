package io.tidemark;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Runs only so many loads at once, and lets only so many wait for their turn; none of those that
 * wait has a thread. Loads must not throw. Thread-safe.
 */
final class LoadLimit implements Executor {
  private final Executor executor;
  private final int maxRunning;
  private final int maxQueued;
  private final Queue<Runnable> queue = new ArrayDeque<>();
  private int running;

  LoadLimit(Executor executor, int maxRunning, int maxQueued) {
    this.executor = executor;
    this.maxRunning = maxRunning;
    this.maxQueued = maxQueued;
  }

  /**
   * Runs a load as soon as it may.
   *
   * @throws RejectedExecutionException if as many as may wait do so already
   */
  @Override
  public synchronized void execute(Runnable load) {
    if (running < maxRunning) {
      // Not counted before it has a thread: what waits, waits for somebody who runs.
      executor.execute(() -> runAndGoOn(load));
      running++;
    } else if (queue.size() < maxQueued) {
      queue.add(load);
    } else {
      throw new RejectedExecutionException(
          "maxFallbackLoads=%d are under way and maxFallbackQueue=%d wait"
              .formatted(maxRunning, maxQueued));
    }
  }

  private void runAndGoOn(Runnable first) {
    Runnable load = first;
    while (load != null) {
      load.run();
      // As every executor does between two tasks.
      boolean unused = Thread.interrupted();
      load = endOrNext();
    }
  }

  private synchronized @Nullable Runnable endOrNext() {
    Runnable next = queue.poll();
    if (next == null) {
      running--;
    }
    return next;
  }
}
