package io.tidemark.spi;

/** What a claim does to a slot that holds an entry. */
public enum ClaimMode {
  /** For a load: the entry, fresh or expired, answers the claim and stays. */
  UNLESS_PRESENT,
  /** For a write: the entry is hidden, and its version becomes the floor. */
  ALWAYS
}
