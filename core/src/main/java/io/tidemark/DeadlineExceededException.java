package io.tidemark;

import io.tidemark.spi.SlotKey;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The call's time passed before there was an answer. A load that is under way goes on, and fills
 * the cache for later callers.
 */
public final class DeadlineExceededException extends TidemarkException {
  private static final long serialVersionUID = 1L;
  private static final int MAX_EXECUTOR_CHARS = 300;

  /**
   * Makes one.
   *
   * @param key what it is about, if it is about one key
   * @param message what happened, without the key
   * @param cause what made it happen, if anything did
   */
  public DeadlineExceededException(
      @Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }

  /**
   * Says that something was not begun in time, and what kept it.
   *
   * @param verb what would have been done
   * @param executor what has not run it, or its text, which tells how busy it is
   * @param consequence to end the message
   */
  static DeadlineExceededException noThread(
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
}
