package io.tidemark.proof.safeguards;

import java.util.Locale;

/**
 * What reads of many keys rest on, beside what holds for each key. Each is described by what is
 * missing without it.
 */
public enum BulkSafeguard {
  /** Without it a load under a lock takes over the claim of a ballot. */
  BALLOT_STANDS,
  /** Without it a ballot takes over another's claim. */
  IF_FREE,
  /** Without it the load of an expired entry leaves no mark in its slot. */
  RESERVE_EXPIRED,
  /** Without it all attempts of a process to load many keys share one ballot. */
  BALLOT_PER_ATTEMPT,
  /** Without it a row that was loaded with others goes also to those who came after its fill. */
  EPOCH_OF_BULK_FILL,
  /** Without it a row that was read with others and not stored goes to everyone who waits. */
  EPOCH_OF_BULK_READ;

  /** The name in file names and reports: {@code ballot-stands}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
