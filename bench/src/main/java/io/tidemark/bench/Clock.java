package io.tidemark.bench;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The clock that all processes of this machine share. */
final class Clock {
  private Clock() {}

  /** Now, in microseconds since 1970. */
  static long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }
}
