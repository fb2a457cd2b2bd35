package io.tidemark.demo.node;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps the loads that come to it until it is opened, however long that takes on this machine: the
 * acts say when a slow query ends. Thread-safe.
 */
final class Hold {
  /** How long it keeps a load at most. */
  static final Duration LIMIT = Duration.ofMinutes(10);

  private final String name;
  private final CountDownLatch opened = new CountDownLatch(1);
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();

  Hold(String name) {
    this.name = name;
  }

  /** Lets everybody go on, those who come later, too. Opening it again does nothing. */
  void open() {
    opened.countDown();
  }

  /** How many wait. */
  int waiting() {
    return waiting.get();
  }

  /** Notes that a caller of a stampede has ended, whether or not it waited here. */
  void callerEnded() {
    ended.incrementAndGet();
  }

  /** How many callers of stampedes have ended. */
  int ended() {
    return ended.get();
  }

  /**
   * Waits until it is open.
   *
   * @throws TimeoutException if that takes longer than {@link #LIMIT}: nobody will open it any more
   */
  void await() throws InterruptedException, TimeoutException {
    waiting.incrementAndGet();
    try {
      if (!opened.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new TimeoutException(
            "hold %s was not opened within %d minutes".formatted(name, LIMIT.toMinutes()));
      }
    } finally {
      waiting.decrementAndGet();
    }
  }
}
