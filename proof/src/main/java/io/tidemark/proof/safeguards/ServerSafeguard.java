package io.tidemark.proof.safeguards;

import java.util.Locale;

/**
 * What the promises rest on where Redis fails over, beside the lineages themselves. Each is
 * described by what is missing without it.
 */
public enum ServerSafeguard {
  /** Without it a replica serves reads, and answers scripts that have nothing to write. */
  ONLY_MASTERS_COUNT,
  /** Without it a master that has lost its replicas goes on to serve reads. */
  ENOUGH_REPLICAS,
  /** Without it a failover between the two parts of a read goes unnoticed. */
  LINEAGE_ASKED_AFTER,
  /** Without it a drop leaves a slot of another lineage, and its own server may get it back. */
  DROP_FOREIGN;

  /** The name in file names and reports: {@code only-masters-count}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
