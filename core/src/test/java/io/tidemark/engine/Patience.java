package io.tidemark.engine;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * How long tests wait for what must come. Only a hang takes longer, however slow or busy the
 * machine is.
 */
public final class Patience {
  /** For what takes a few seconds at most on a slow machine. */
  public static final Duration PATIENCE = Duration.ofMinutes(3);

  private Patience() {}

  /** Begins to wait for a condition, which is looked at again and again. */
  public static ConditionFactory await() {
    return Awaitility.await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .pollInSameThread();
  }
}
