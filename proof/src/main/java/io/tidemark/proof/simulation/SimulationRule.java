package io.tidemark.proof.simulation;

/** What every run must keep. */
enum SimulationRule {
  /** Once a read was answered from the shared cache, no later read is answered with less. */
  FORWARD_ONLY,
  /** Once a write has returned, no later read is answered with anything older. */
  READ_YOUR_WRITES,
  /** A value and its version come from one commit. */
  ONE_COMMIT,
  /** Nothing is served that was never committed. */
  COMMITTED_ONLY,
  /**
   * Nobody is handed what was read from the source before their call began, unless the store held
   * it after that.
   */
  NOT_FROM_BEFORE_THE_CALL,
  /** A write of unknown outcome is repaired, if its process lives on. */
  REPAIRED,
  /** Every call ends by its deadline. */
  ENDS_IN_TIME,
  /** Nobody asks the source for a row that is being loaded, unless something has gone wrong. */
  ONE_LOAD,
  /** When the faults are over, reads are answered, and in the end with the newest row. */
  NEWEST_AT_THE_END,
  /** No call throws what its contract does not name, and no thread of a cache dies of an error. */
  NO_SURPRISE;

  /** What to throw when this happened. */
  SimulationViolation brokenBy(String what) {
    return new SimulationViolation(this, what);
  }
}
