package io.tidemark;

import java.util.ArrayDeque;
import java.util.Deque;
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
  private final Deque<Runnable> queue = new ArrayDeque<>();
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
  public void execute(Runnable load) {
    if (!start(load)) {
      return;
    }
    try {
      executor.execute(() -> runAndGoOn(load));
    } catch (RejectedExecutionException e) {
      passOn();
      throw e;
    }
  }

  /** Returns whether the load may run now; otherwise it waits. */
  private synchronized boolean start(Runnable load) {
    if (running < maxRunning) {
      running++;
      return true;
    }
    if (queue.size() == maxQueued) {
      throw new RejectedExecutionException(
          "maxFallbackLoads=%d are under way and maxFallbackQueue=%d wait"
              .formatted(maxRunning, maxQueued));
    }
    queue.add(load);
    return false;
  }

  /** Gives the place of a load that got no thread to one that has come to wait meanwhile. */
  private void passOn() {
    Runnable next = endOrNext();
    if (next == null) {
      return;
    }
    try {
      executor.execute(() -> runAndGoOn(next));
    } catch (RejectedExecutionException e) {
      // No thread for that either: it waits for the next load that gets one.
      waitAgain(next);
    }
  }

  private synchronized void waitAgain(Runnable load) {
    queue.addFirst(load);
    running--;
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
