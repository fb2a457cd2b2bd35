package io.tidemark.redis;

import java.time.Duration;
import java.util.Optional;

/**
 * The holding that has a lock, as a server tells of it. Immutable.
 *
 * @param token identifies the holding; no other has it
 * @param remainingMillis how much longer it lives unless it is renewed; negative if it has no end
 */
record LockOwner(String token, long remainingMillis) {
  /** An owner that was gone before the server could be asked about it. */
  static final LockOwner GONE = new LockOwner("", 0);

  /** Describes the owner for people; empty if it was gone. */
  Optional<String> who() {
    if (token.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of("the holding " + token + (remainingMillis < 0 ? "" : ", which " + end()));
  }

  private String end() {
    return "ends in " + Duration.ofMillis(remainingMillis) + " unless it is renewed";
  }
}
