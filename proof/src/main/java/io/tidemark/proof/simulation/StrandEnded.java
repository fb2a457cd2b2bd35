package io.tidemark.proof.simulation;

/** Unwinds a strand that will never run again: its process crashed, or the run is over. */
final class StrandEnded extends Error {
  private static final long serialVersionUID = 1L;

  StrandEnded() {
    super("the simulated process is no more", null, false, false);
  }
}
