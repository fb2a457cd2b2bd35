package io.tidemark.demo.node;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Where the callers of a stampede wait for each other between their look into the cache and their
 * read of the database. So they do what callers at the same moment do, on a machine of any speed.
 * Thread-safe.
 */
final class Meeting {
  private static final int LIMIT_MINUTES = 10;

  private final CountDownLatch absent;

  Meeting(int callers) {
    this.absent = new CountDownLatch(callers);
  }

  /** Says that one more caller has looked, whatever it saw. Once for each. */
  void looked() {
    absent.countDown();
  }

  /**
   * Waits until every caller has looked.
   *
   * @throws TimeoutException if that takes longer than {@value #LIMIT_MINUTES} minutes
   */
  void awaitAll() throws InterruptedException, TimeoutException {
    if (!absent.await(LIMIT_MINUTES, TimeUnit.MINUTES)) {
      throw new TimeoutException(
          "%d callers have not looked into the cache within %d minutes"
              .formatted(absent.getCount(), LIMIT_MINUTES));
    }
  }
}
