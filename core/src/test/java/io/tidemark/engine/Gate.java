package io.tidemark.engine;

import static io.tidemark.engine.Patience.PATIENCE;

import io.tidemark.Row;
import io.tidemark.Source;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Holds a thread at one place of a test until the test lets it go on. */
final class Gate {
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch open = new CountDownLatch(1);

  /** Called by the thread under test: waits until the gate is opened. */
  void pass() throws InterruptedException {
    reached.countDown();
    if (!open.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("the gate was never opened");
    }
  }

  /** A source that stands at this gate whenever it has read the row. */
  <V> Source<String, V> before(Row<V> row) {
    return key -> {
      pass();
      return row;
    };
  }

  /** Like {@link #pass}, where no checked exception is allowed. */
  void passUninterrupted() {
    try {
      pass();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted at the gate", e);
    }
  }

  /** Like {@link #pass}, as a driver that listens to no interrupt; an interrupt stays set. */
  void passDespiteInterrupts() {
    boolean interrupted = false;
    while (true) {
      try {
        pass();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until somebody stands at the gate. */
  void awaitReached() throws InterruptedException {
    if (!reached.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("nobody came to the gate");
    }
  }

  /** Whether somebody has come to the gate. */
  boolean isReached() {
    return reached.getCount() == 0;
  }

  void open() {
    open.countDown();
  }
}
