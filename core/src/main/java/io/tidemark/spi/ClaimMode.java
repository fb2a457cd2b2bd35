package io.tidemark.spi;

/** What a claim does to a slot that holds an entry or another's claim. */
public enum ClaimMode {
  /**
   * For a load under a lock: a fresh entry answers the claim and stays, and an expired one stays
   * and is reserved. The claim of a ballot stays too: that load is under way, although it holds no
   * lock.
   */
  UNLESS_PRESENT,
  /**
   * For a write, under a lock: the entry is hidden, and its version becomes the floor. The claim of
   * a ballot is taken over as one of an earlier fence is.
   */
  ALWAYS,
  /**
   * For a load without a lock, by a {@link Ballot}: a fresh entry or the claim of anybody else
   * answers, and stays; an expired entry stays and is reserved.
   */
  IF_FREE
}
