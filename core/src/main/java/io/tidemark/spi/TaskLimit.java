package io.tidemark.spi;

import io.tidemark.spi.Turns.Turn;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs a limited number of tasks at once on an executor; further tasks wait for their turn without
 * a thread. An executor that starts a thread whenever none is idle gets no more threads than tasks
 * run at once: one, if each task ends before the next is given. Thread-safe.
 *
 * <p>An exception that a task throws goes to its thread's handler of uncaught exceptions, and the
 * waiting tasks still run. A task that the executor does not accept loses its place to the next.
 */
public final class TaskLimit implements Executor {
  private final Executor executor;
  private final String name;
  private final Turns turns;

  /** The place of one task. Thread-safe. */
  public interface Place {
    /**
     * Passes the place on to another task. A task that has not begun will not run. One that has is
     * not stopped, and its thread runs no other task of the limit afterwards.
     */
    void giveUp();
  }

  /**
   * Limits an executor.
   *
   * @param executor runs the tasks, each on a thread other than the caller's
   * @param maxRunning how many run at once, 1 or more
   * @param maxQueued how many wait, zero or more
   * @param name names the limit, for people
   * @param refusal the message when {@code maxQueued} tasks wait already
   */
  public TaskLimit(Executor executor, int maxRunning, int maxQueued, String name, String refusal) {
    this.executor = executor;
    this.name = name;
    this.turns = new Turns(maxRunning, maxQueued, refusal);
  }

  /** Limits an executor, and lets any number of tasks wait. */
  public static TaskLimit queueing(Executor executor, int maxRunning, String name) {
    return new TaskLimit(executor, maxRunning, Integer.MAX_VALUE, name, "too many tasks wait");
  }

  /** Runs each task on the executor at once, without a limit. */
  public static TaskLimit none(Executor executor) {
    return queueing(executor, Integer.MAX_VALUE, "tasks");
  }

  /**
   * Runs a task as soon as there is a place for it.
   *
   * @throws RejectedExecutionException if {@code maxQueued} tasks wait already, or by the executor
   */
  @Override
  public void execute(Runnable task) {
    Place unused = start(task);
  }

  /**
   * Runs a call as soon as there is a place for it.
   *
   * @return the call's result; fails with whatever the call throws, an {@link Error} included
   * @throws RejectedExecutionException as {@link #execute} does
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

  /** Runs a task as {@link #execute} does, and returns its place. */
  public Place start(Runnable task) {
    Turn turn = new Turn(task);
    if (turns.begin(turn)) {
      try {
        executor.execute(() -> runAndGoOn(turn));
      } catch (Throwable t) {
        passOn(turn);
        throw t;
      }
    }
    return () -> giveUp(turn);
  }

  private void giveUp(Turn turn) {
    if (!turns.leaveQueue(turn)) {
      passOn(turn);
    }
  }

  /** Says why a task waits: the limit and how much of it is in use, or the executor's own text. */
  @Override
  public String toString() {
    return turns.toString(name, executor);
  }

  /** Passes a place on to a waiting task, on another thread. */
  @SuppressWarnings(
      "CatchingUnchecked") // Whatever the executor throws, the next one keeps its turn.
  private void passOn(Turn turn) {
    Turn next = turns.endAndNext(turn);
    if (next == null) {
      return;
    }
    try {
      executor.execute(() -> runAndGoOn(next));
    } catch (Throwable t) {
      // It got no thread either, and waits for the next task that gets one.
      turns.waitAgain(next);
    }
  }

  private void runAndGoOn(Turn first) {
    Turn turn = first;
    while (turn != null) {
      run(turn);
      // No task inherits the interrupt of the one before it; executors do the same.
      boolean unused = Thread.interrupted();
      turn = turns.endAndNext(turn);
    }
  }

  @SuppressWarnings("CatchingUnchecked") // Whatever a task throws, waiting tasks get their turn.
  private void run(Turn turn) {
    if (turns.isOver(turn)) {
      return;
    }
    try {
      turn.run();
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
      // No handler is left to call.
    }
  }
}
