package io.tidemark.proof.histories;

/** How an operation ended, as far as its caller can tell. */
enum Outcome {
  /** It returned. */
  OK,
  /** It threw, and nothing was committed. */
  FAILED,
  /**
   * It threw when something may have been committed, or it returned {@link
   * io.tidemark.WriteOutcome#UNKNOWN}, or its process ended first.
   */
  UNKNOWN
}
