package io.tidemark.spi;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The tasks of a {@link TaskLimit} that are under way, and those that wait. Thread-safe. */
final class Turns {
  private final int maxRunning;
  private final int maxQueued;
  private final String refusal;
  private final Deque<Turn> queue = new ArrayDeque<>();
  private int running;

  /** One task, until it is over: it has run, was given up, or got no thread. */
  static final class Turn {
    private final Runnable task;

    /** Guarded by the turns. */
    private boolean over;

    Turn(Runnable task) {
      this.task = task;
    }

    void run() {
      task.run();
    }
  }

  Turns(int maxRunning, int maxQueued, String refusal) {
    this.maxRunning = maxRunning;
    this.maxQueued = maxQueued;
    this.refusal = refusal;
  }

  /**
   * Returns whether the task may run now; otherwise it waits.
   *
   * @throws RejectedExecutionException if {@code maxQueued} tasks wait already
   */
  synchronized boolean begin(Turn turn) {
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

  /** Has a task wait again that got no thread, before all others. */
  synchronized void waitAgain(Turn turn) {
    if (!turn.over) {
      queue.addFirst(turn);
      running--;
    }
  }

  /** Ends a turn that waits. Returns whether it is over, also if it was before. */
  synchronized boolean leaveQueue(Turn turn) {
    turn.over |= queue.remove(turn);
    return turn.over;
  }

  synchronized boolean isOver(Turn turn) {
    return turn.over;
  }

  /** Ends a turn, and returns the waiting task that gets its place; null if none waits. */
  synchronized @Nullable Turn endAndNext(Turn turn) {
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

  /** How much of a limit is in use, if all of it is; otherwise the text of its executor. */
  synchronized String toString(String limit, Object executor) {
    return running < maxRunning
        ? executor.toString()
        : "%s=%d are under way and %d more wait".formatted(limit, maxRunning, queue.size());
  }
}
