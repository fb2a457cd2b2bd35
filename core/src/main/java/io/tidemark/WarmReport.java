package io.tidemark;

/**
 * The progress of a warming. Immutable.
 *
 * @param keys how many different keys were requested
 * @param found how many were already cached, or were loaded by another process meanwhile
 * @param loaded how many this process loaded, including absences
 * @param failed how many could not be loaded
 */
public record WarmReport(int keys, int found, int loaded, int failed) {

  /** How many keys are finished, successfully or not. */
  public int done() {
    return found + loaded + failed;
  }
}
