package io.tidemark;

import io.tidemark.spi.Deadline;
import java.time.Duration;

/** Deadlines that a test does not expect to pass. */
final class Deadlines {
  private Deadlines() {}

  static Deadline ofSeconds(int seconds) {
    return Deadline.after(Duration.ofSeconds(seconds));
  }
}
