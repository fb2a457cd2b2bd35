package io.tidemark.proof.safeguards;

import java.util.Locale;

/** Designs of shared caches that are in use elsewhere, and are expected to fail here. */
public enum Design {
  /** The holder of the lock writes, and whatever comes last is the entry. */
  LOCK_WITHOUT_VERSIONS,
  /** The newer version wins over what the slot holds; nothing needs a claim. */
  VERSIONS_WITHOUT_CLAIMS,
  /** What was loaded needs a claim; what was written replaces the entry, whatever its version. */
  CLAIMS_WITHOUT_VERSIONS;

  /** The name in file names and reports: {@code lock-without-versions}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
