package io.tidemark.redis;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** How long tests wait for what must come. */
final class Patience {
  /** Only what hangs takes so long. */
  static final Duration LIMIT = Duration.ofMinutes(2);

  private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

  private Patience() {}

  /** Looks at once, and then often. */
  static ConditionFactory await() {
    return Awaitility.await().atMost(LIMIT).pollDelay(Duration.ZERO).pollInterval(POLL_INTERVAL);
  }
}
