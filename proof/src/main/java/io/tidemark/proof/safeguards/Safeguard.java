package io.tidemark.proof.safeguards;

import java.util.Locale;

/** What the promises rest on. Each is described by what is missing without it. */
public enum Safeguard {
  /** Without it a publish or a refresh replaces a VALUE whatever its version. */
  COMPARE_VERSIONS,
  /** Without it a fill is stored in an EMPTY slot, and a publish too. */
  CLAIM_ON_EMPTY,
  /**
   * Without it a fill is stored over a floor that nobody claimed, if its version is high enough.
   */
  CLAIM_ON_FLOOR,
  /** Without it a fill is stored under the claim of another fence. */
  OWN_CLAIM,
  /** Without it a publish without a claim of its own leaves another's claim in place. */
  BREAK_OTHER_CLAIM,
  /** Without it a locked write that lost its claim to another leaves that one in place. */
  BREAK_OTHER_CLAIM_AS_LOCKED_WRITER,
  /** Without it the entry is kept when another payload comes with the same version. */
  DROP_ON_TIE_NOT_KEEP,
  /** Without it the entry is replaced when another payload comes with the same version. */
  DROP_ON_TIE_NOT_REPLACE,
  /** Without it a versioned publish is stored over an ABSENT. */
  DROP_ABSENT,
  /**
   * Without it a claim, a broken claim or a publish leaves no floor, and lagging reads are stored.
   */
  FLOOR,
  /** Without it a row that a replica gave is stored at the floor's own version. */
  BEHIND_ON_TIE,
  /** Without it an absence that a replica gave is stored where there is a floor. */
  BEHIND_ON_ABSENCE,
  /** Without it a claim that is gone is made anew by its renewal. */
  RENEW_OWN_CLAIM,
  /** Without it two attempts to load share one fence. */
  FENCE_PER_ATTEMPT,
  /** Without it a caller may have what a flight found, whenever it joined. */
  FLIGHT_EPOCHS,
  /** Without it what was read from the source and not stored goes to everyone on the flight. */
  FLIGHT_EPOCH_OF_READ,
  /** Without it a write whose reply was lost is reported as done. */
  REPEAT_AFTER_LOST_REPLY,
  /** Without it a clear leaves the claims of loads that are under way. */
  CLEAR_BREAKS_CLAIMS,
  /** Without it a locked write is stored although its version is below the floor. */
  DROP_FALLEN_VERSION,
  /** Without it a claim loses its floor when the floor ends, and what was read before is stored. */
  CLAIM_CARRIES_FLOOR,
  /** Without it a row that must not be an entry leaves no floor, and lagging reads are stored. */
  DROP_TELLS_VERSION,
  /** Without it a read serves an entry of another lineage. */
  STAMP_ON_READ,
  /** Without it a claim, a fill or a publish takes a slot of another lineage for one of its own. */
  STAMP_IN_SCRIPTS,
  /** Without it an entry of another lineage leaves no floor, and lagging reads are stored. */
  FOREIGN_KEEPS_FLOOR,
  /** Without it a load reads the replica although a failover may have lost the slot's floor. */
  YOUNG_LINEAGE_SKIPS_REPLICA;

  /** The name in file names and reports: {@code compare-versions}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
