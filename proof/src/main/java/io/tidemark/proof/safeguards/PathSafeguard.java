package io.tidemark.proof.safeguards;

import java.util.Locale;

/**
 * What the promises rest on beyond the protocol of one slot: details of the read and write paths,
 * which only a run of the paths themselves can show. Each is described by what is missing without
 * it.
 */
public enum PathSafeguard {
  /** Without it an entry may expire, and its floor with it, while a replica still lags behind. */
  KEEP_WHILE_REPLICA_LAGS,
  /** Without it nothing repairs the slot after a write of unknown outcome. */
  REPAIR_UNKNOWN,
  /** Without it a write that threw leaves what the slot holds, although it may be committed. */
  DROP_AFTER_FAILED_WRITE,
  /** Without it a row is published that its transaction may yet roll back. */
  PUBLISH_AFTER_COMMIT,
  /** Without it a row is published that its transaction has rolled back. */
  DROP_AFTER_ROLLBACK,
  /** Without it callers wait for ever for a flight whose task got lost. */
  WATCH,
  /** Without it a refresh may be answered with what was read before it was asked for. */
  REFRESH_EPOCH,
  /** Without it a hit goes also to those who joined the flight after the slot was read. */
  HIT_EPOCH,
  /** Without it a caller waits for a flight longer than its deadline. */
  DEADLINE_OF_CALLER,
  /** Without it a locked write keeps its lock. */
  RELEASE;

  /** The name in file names and reports: {@code repair-unknown}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
