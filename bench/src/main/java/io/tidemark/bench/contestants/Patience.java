package io.tidemark.bench.contestants;

import java.time.Duration;

/**
 * How long everything waits that can be told how long to wait. A machine that stands still must end
 * no run: a contestant that gives up would be measured no further, and one that loads because it
 * gave up would be measured at something else.
 */
final class Patience {
  /** What only a hang can miss. */
  static final Duration LIMIT = Duration.ofMinutes(10);

  private Patience() {}

  static int millis() {
    return (int) LIMIT.toMillis();
  }
}
