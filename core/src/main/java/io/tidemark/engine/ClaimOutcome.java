package io.tidemark.engine;

import io.tidemark.spi.Slot;

/** What came of asking for a claim. */
sealed interface ClaimOutcome {

  /**
   * The claim was made, and is being renewed.
   *
   * @param claim to be closed by the caller that asked for it
   */
  record Taken(Claim claim) implements ClaimOutcome {}

  /**
   * The slot holds an expired entry, which stays. It is reserved, and that is being renewed.
   *
   * @param claim to be closed by the caller that asked for it
   */
  record Reserved(Claim claim) implements ClaimOutcome {}

  /**
   * The slot holds an entry, which is to stay.
   *
   * @param slot a {@link Slot.Value} or a {@link Slot.Absent}
   */
  record Present(Slot slot) implements ClaimOutcome {}

  /**
   * A later fence holds or has reserved the slot, or the ballot of a bulk load.
   *
   * @param claim the claim that is in the way
   */
  record Lost(Slot.Pending claim) implements ClaimOutcome {}
}
