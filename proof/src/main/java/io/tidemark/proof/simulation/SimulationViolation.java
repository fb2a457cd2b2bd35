package io.tidemark.proof.simulation;

/** A rule that was broken, and how. */
final class SimulationViolation extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final SimulationRule rule;

  SimulationViolation(SimulationRule rule, String how) {
    super(rule + ": " + how);
    this.rule = rule;
  }

  SimulationRule rule() {
    return rule;
  }
}
