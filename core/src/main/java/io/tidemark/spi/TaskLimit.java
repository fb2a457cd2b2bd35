package io.tidemark.spi;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Runs only so many tasks at once on an executor; further ones wait for their turn, without a
 * thread. On an executor that makes a thread where none is idle, so many threads are made as tasks
 * run at once: one for a caller that gives one task after the other. Thread-safe.
 *
 * <p>What a task throws is told to the handler of its thread's uncaught exceptions, and the tasks
 * that wait run all the same.
 */
public final class TaskLimit implements Executor {
  private final Executor executor;
  private final int maxRunning;
  private final int maxQueued;
  private final String name;
  private final String refusal;
  private final Deque<Runnable> queue = new ArrayDeque<>();
  private int running;

  /**
   * A limit.
   *
   * @param executor runs the tasks, each on a thread other than the caller's
   * @param maxRunning how many run at once, 1 or more
   * @param maxQueued how many wait, zero or more
   * @param name of the limit, for people
   * @param refusal what is told where as many as may wait do so already
   */
  public TaskLimit(Executor executor, int maxRunning, int maxQueued, String name, String refusal) {
    this.name = name;
    this.executor = executor;
    this.maxRunning = maxRunning;
    this.maxQueued = maxQueued;
    this.refusal = refusal;
  }

  /** A limit for tasks of which any number may wait. */
  public static TaskLimit queueing(Executor executor, int maxRunning, String name) {
    return new TaskLimit(executor, maxRunning, Integer.MAX_VALUE, name, "too many tasks wait");
  }

  /**
   * Runs a task as soon as it may.
   *
   * @throws RejectedExecutionException if as many as may wait do so already, or by the executor
   */
  @Override
  public void execute(Runnable task) {
    if (!start(task)) {
      return;
    }
    try {
      executor.execute(() -> runAndGoOn(task));
    } catch (RejectedExecutionException | Error e) {
      passOn();
      throw e;
    }
  }

  /** Why a task waits: the limit and how much of it is in use, or else the executor's own text. */
  @Override
  public synchronized String toString() {
    return running < maxRunning
        ? executor.toString()
        : "%s=%d are under way and %d more wait".formatted(name, maxRunning, queue.size());
  }

  /** Returns whether the task may run now; otherwise it waits. */
  private synchronized boolean start(Runnable task) {
    if (running < maxRunning) {
      running++;
      return true;
    }
    if (queue.size() == maxQueued) {
      throw new RejectedExecutionException(refusal);
    }
    queue.add(task);
    return false;
  }

  /** Gives the place of a task that got no thread to one that has come to wait meanwhile. */
  private void passOn() {
    Runnable next = endOrNext();
    if (next == null) {
      return;
    }
    try {
      executor.execute(() -> runAndGoOn(next));
    } catch (RejectedExecutionException | Error e) {
      // No thread for that either: it waits for the next task that gets one.
      waitAgain(next);
    }
  }

  private synchronized void waitAgain(Runnable task) {
    queue.addFirst(task);
    running--;
  }

  private void runAndGoOn(Runnable first) {
    Runnable task = first;
    while (task != null) {
      run(task);
      // As every executor does between two tasks.
      boolean unused = Thread.interrupted();
      task = endOrNext();
    }
  }

  @SuppressWarnings("CatchingUnchecked") // Whatever a task throws, those that wait have their turn.
  private static void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable t) {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, t);
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
