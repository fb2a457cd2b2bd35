package io.tidemark.proof.simulation;

/** A rule that was broken, and how. */
final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Rule rule;

  Violation(Rule rule, String how) {
    super(rule + ": " + how);
    this.rule = rule;
  }

  Rule rule() {
    return rule;
  }
}
