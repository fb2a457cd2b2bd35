package io.tidemark.processes;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** Tells a child process that its parent is gone: its standard input ends, however that died. */
public final class ParentWatch {
  private ParentWatch() {}

  /**
   * Starts reading standard input on a daemon thread, and drops what arrives. To be called once.
   *
   * @return opens when the input ends, or cannot be read
   */
  public static CountDownLatch endOfInput() {
    CountDownLatch ended = new CountDownLatch(1);
    Thread reader = new Thread(() -> readToEnd(ended), "tidemark-parent-watch");
    reader.setDaemon(true);
    reader.start();
    return ended;
  }

  private static void readToEnd(CountDownLatch ended) {
    try {
      while (System.in.read() >= 0) {
        // only the end matters
      }
    } catch (IOException e) {
      // an input that cannot be read has ended, too
    } finally {
      ended.countDown();
    }
  }
}
