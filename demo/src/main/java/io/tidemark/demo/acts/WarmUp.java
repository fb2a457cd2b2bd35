package io.tidemark.demo.acts;

import java.time.Duration;

/**
 * Plays stampedes on products that no act uses, until the nodes answer steadily: a young Java
 * process loads classes and compiles for its first seconds, and an act would measure that.
 */
final class WarmUp {
  private static final long FIRST_PRODUCT = 21;
  private static final int UNPROTECTED_ROUNDS = 3;
  private static final int LEAST_ROUNDS = 15;
  private static final int MOST_ROUNDS = 60;
  private static final int STEADY_ROUNDS = 3;
  private static final double STEADY_MILLIS = 10;
  private static final Duration DB_LATENCY = Duration.ofMillis(20);

  private WarmUp() {}

  /** Plays it; returns how many rounds it took. */
  static int run(Stage stage) throws Exception {
    for (int round = 0; round < UNPROTECTED_ROUNDS; round++) {
      play(stage, round, NodeClient.Mode.UNPROTECTED);
    }
    int steady = 0;
    for (int round = 0; round < MOST_ROUNDS; round++) {
      double afterLoad =
          play(stage, round, NodeClient.Mode.PROTECTED)
              .millisAfterLoad()
              .orElse(Double.POSITIVE_INFINITY);
      steady = afterLoad <= STEADY_MILLIS ? steady + 1 : 0;
      if (round >= LEAST_ROUNDS - 1 && steady >= STEADY_ROUNDS) {
        return UNPROTECTED_ROUNDS + round + 1;
      }
    }
    return UNPROTECTED_ROUNDS + MOST_ROUNDS;
  }

  private static Rush play(Stage stage, int round, NodeClient.Mode mode) throws Exception {
    return Rush.run(stage, stage.nodes(), FIRST_PRODUCT + round, mode, DB_LATENCY);
  }
}
