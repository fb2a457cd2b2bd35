package io.tidemark.engine;

import io.tidemark.DeadlineExceededException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.SlotKey;
import java.time.Duration;

/** Says why a task did not run: its threads were busy until the deadline, or refused it. */
final class NoThread {
  private static final int MAX_EXECUTOR_CHARS = 300;

  private NoThread() {}

  /**
   * The failure of a task that no thread began in time.
   *
   * @param verb what the task would have done
   * @param executor what should have run it, or its text, which tells how busy it is
   * @param consequence ends the message
   */
  static DeadlineExceededException inTime(
      SlotKey key, String verb, Duration limit, Object executor, String consequence) {
    String busy = Failures.textOf(executor);
    return new DeadlineExceededException(
        key,
        "no thread was free to %s it within %s: %s%s"
            .formatted(
                verb,
                limit,
                busy.substring(0, Math.min(busy.length(), MAX_EXECUTOR_CHARS)),
                consequence),
        null);
  }

  /**
   * The failure of a task that the user's executor or scheduler refused.
   *
   * @param refuser "executor" or "scheduler"
   */
  static UnavailableException refusedBy(
      String refuser, String task, SlotKey key, Throwable refusal) {
    return new UnavailableException(
        key,
        "the %s refused to %s: %s".formatted(refuser, task, Failures.refusalOf(refusal)),
        refusal);
  }
}
