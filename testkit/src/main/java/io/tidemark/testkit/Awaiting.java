package io.tidemark.testkit;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** How long tests of backends wait for what must happen. Thread-safe. */
public final class Awaiting {
  /** Longer than anything takes that does not hang, however slow the machine is. */
  public static final Duration LIMIT = Duration.ofMinutes(5);

  private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

  private Awaiting() {}

  /** Begins to wait for a condition, which is checked at once and then every 10 ms. */
  public static ConditionFactory await() {
    return Awaitility.await().atMost(LIMIT).pollDelay(Duration.ZERO).pollInterval(POLL_INTERVAL);
  }
}
