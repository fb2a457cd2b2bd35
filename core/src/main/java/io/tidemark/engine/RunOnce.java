package io.tidemark.engine;

import java.util.concurrent.atomic.AtomicBoolean;

/** Runs a task once, however often it is run itself. Thread-safe. */
final class RunOnce implements Runnable {
  private final Runnable task;
  private final AtomicBoolean due = new AtomicBoolean(true);

  RunOnce(Runnable task) {
    this.task = task;
  }

  @Override
  public void run() {
    if (due.getAndSet(false)) {
      task.run();
    }
  }
}
