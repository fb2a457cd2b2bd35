package io.tidemark.spi;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Runs only so many tasks at once on an executor; further ones wait for their turn, without a
 * thread. On an executor that makes a thread where none is idle, so many threads are made as tasks
 * run at once: one for a caller that gives one task after the other. Thread-safe.
 *
 * <p>What a task throws is told to the handler of its thread's uncaught exceptions, and the tasks
 * that wait run all the same. Whatever the executor throws gives the task's place back.
 */
public final class TaskLimit implements Executor {
  private final Executor executor;
  private final int maxRunning;
  private final int maxQueued;
  private final String name;
  private final String refusal;
  private final Deque<Turn> queue = new ArrayDeque<>();
  private int running;

  /** The place of one task. Thread-safe. */
  public interface Place {
    /**
     * Gives the place to another task, for good. The task runs no more if it has not begun; where
     * it has, it is not stopped, and its thread runs no other task of the limit after it.
     */
    void giveUp();
  }

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

  /** No limit: each task is the executor's at once. */
  public static TaskLimit none(Executor executor) {
    return queueing(executor, Integer.MAX_VALUE, "tasks");
  }

  /**
   * Runs a task as soon as it may.
   *
   * @throws RejectedExecutionException if as many as may wait do so already, or by the executor
   */
  @Override
  public void execute(Runnable task) {
    Place unused = start(task);
  }

  /**
   * Runs a call as soon as it may.
   *
   * @return ends with what the call returns or throws, an {@link Error} included
   * @throws RejectedExecutionException likewise
   */
  @SuppressWarnings(
      "CatchingUnchecked") // Whatever the call throws, the waiting caller hears of it.
  public <T> CompletableFuture<T> submit(Callable<? extends T> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    execute(
        () -> {
          try {
            result.complete(call.call());
          } catch (Throwable t) {
            result.completeExceptionally(t);
          }
        });
    return result;
  }

  /** Runs a task likewise, and returns its place. Throws likewise. */
  public Place start(Runnable task) {
    Turn turn = new Turn(task);
    if (begin(turn)) {
      try {
        executor.execute(() -> runAndGoOn(turn));
      } catch (Throwable t) {
        passOn(turn);
        throw t;
      }
    }
    return turn;
  }

  /** Why a task waits: the limit and how much of it is in use, or else the executor's own text. */
  @Override
  public synchronized String toString() {
    return running < maxRunning
        ? executor.toString()
        : "%s=%d are under way and %d more wait".formatted(name, maxRunning, queue.size());
  }

  /** A task, until it is over: it has run, was given up, or got no thread. */
  private final class Turn implements Place {
    private final Runnable task;

    /** Guarded by the limit. */
    private boolean over;

    Turn(Runnable task) {
      this.task = task;
    }

    @Override
    public void giveUp() {
      if (!leaveQueue(this)) {
        passOn(this);
      }
    }
  }

  /** Returns whether the task may run now; otherwise it waits. */
  private synchronized boolean begin(Turn turn) {
    if (running < maxRunning) {
      running++;
      return true;
    }
    if (queue.size() == maxQueued) {
      throw new RejectedExecutionException(refusal);
    }
    queue.add(turn);
    return false;
  }

  private synchronized boolean leaveQueue(Turn turn) {
    turn.over |= queue.remove(turn);
    return turn.over;
  }

  /** Gives a place to one that waits, on another thread. */
  @SuppressWarnings(
      "CatchingUnchecked") // Whatever the executor throws, the next one keeps its turn.
  private void passOn(Turn turn) {
    Turn next = endAndNext(turn);
    if (next == null) {
      return;
    }
    try {
      executor.execute(() -> runAndGoOn(next));
    } catch (Throwable t) {
      // No thread for that either: it waits for the next task that gets one.
      waitAgain(next);
    }
  }

  private synchronized void waitAgain(Turn turn) {
    if (!turn.over) {
      queue.addFirst(turn);
      running--;
    }
  }

  private void runAndGoOn(Turn first) {
    Turn turn = first;
    while (turn != null) {
      run(turn);
      // As every executor does between two tasks.
      boolean unused = Thread.interrupted();
      turn = endAndNext(turn);
    }
  }

  @SuppressWarnings("CatchingUnchecked") // Whatever a task throws, those that wait have their turn.
  private void run(Turn turn) {
    if (isOver(turn)) {
      return;
    }
    try {
      turn.task.run();
    } catch (Throwable t) {
      tell(t);
    }
  }

  @SuppressWarnings("CatchingUnchecked") // The handler belongs to the user, and may fail as well.
  private static void tell(Throwable failure) {
    Thread thread = Thread.currentThread();
    try {
      thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
    } catch (Throwable t) {
      // There is nobody left to tell it to.
    }
  }

  private synchronized boolean isOver(Turn turn) {
    return turn.over;
  }

  /** Returns who has the place of a turn that ends now; null where nobody waits for one. */
  private synchronized @Nullable Turn endAndNext(Turn turn) {
    if (turn.over) {
      return null;
    }
    turn.over = true;
    Turn next = queue.poll();
    if (next == null) {
      running--;
    }
    return next;
  }
}
