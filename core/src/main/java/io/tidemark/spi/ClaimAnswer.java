package io.tidemark.spi;

/** What a store answers to a claim. */
public sealed interface ClaimAnswer {

  /**
   * The slot is {@code PENDING} with the caller's fence now.
   *
   * @param floor the highest version that the slot knew to exist, or {@link Version#NONE}
   */
  record Claimed(long floor) implements ClaimAnswer {}

  /**
   * The slot holds an expired entry, which stays and is reserved for the caller now: others lose
   * their claims to it as to a claim. The row that is loaded is offered by {@link
   * SlotStore#refresh}.
   *
   * @param floor the version of the value, or the floor of the absence
   */
  record Reserved(long floor) implements ClaimAnswer {}

  /**
   * A later fence holds or has reserved the slot, or another's ballot that does not give way. It is
   * unchanged.
   *
   * @param claim the claim that is in the way; for a reserved value, the version is the floor
   */
  record Lost(Slot.Pending claim) implements ClaimAnswer {}

  /**
   * The slot holds an entry already, and is unchanged.
   *
   * @param slot a fresh {@link Slot.Value} or {@link Slot.Absent}
   */
  record Hit(Slot slot) implements ClaimAnswer {}
}
