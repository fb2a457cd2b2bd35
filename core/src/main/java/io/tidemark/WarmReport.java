package io.tidemark;

/**
 * How far a warming is. Immutable.
 *
 * @param keys how many different keys were asked for
 * @param found how many were cached already, or were loaded by another process meanwhile
 * @param loaded how many this process loaded; absences included
 * @param failed how many could not be loaded
 */
public record WarmReport(int keys, int found, int loaded, int failed) {

  /** How many keys are done with, well or not. */
  public int done() {
    return found + loaded + failed;
  }
}
