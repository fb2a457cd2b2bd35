package io.tidemark.engine;

import io.tidemark.WaitStrategy;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import java.util.random.RandomGenerator;

/** Waits for the holder of a lock as a {@link WaitStrategy} says. */
final class LockWait {
  private LockWait() {}

  /**
   * Waits once, after which the slot is worth a look.
   *
   * @param round how many waits of the same acquisition came before
   * @return false if the deadline has passed
   */
  static boolean await(
      WaitStrategy strategy,
      LockAttempt.Holder holder,
      int round,
      Deadline deadline,
      RandomGenerator random)
      throws InterruptedException {
    if (!(strategy instanceof WaitStrategy.Backoff backoff)) {
      return holder.awaitGone(deadline);
    }
    if (deadline.hasPassed()) {
      return false;
    }
    deadline.sleep(pauseNanos(backoff, round, random));
    return true;
  }

  private static long pauseNanos(WaitStrategy.Backoff backoff, int round, RandomGenerator random) {
    double doubled = backoff.first().toNanos() * Math.pow(2, round);
    double pause = Math.min(doubled, (double) backoff.longest().toNanos());
    double jitter = backoff.jitter();
    return jitter == 0 ? (long) pause : (long) (pause * (1 - jitter * random.nextDouble()));
  }
}
