package io.tidemark.proof.simulation;

/**
 * What callers do how often: weights, of which one is drawn for each operation, and chances.
 * Immutable.
 */
final class OperationMix {
  final int read;
  final int update;
  final int publish;
  final int silentCommit;
  final int publishAgain;
  final int invalidate;
  final int clear;
  final int refresh;
  final int close;
  final int manyKeysPermille;
  final boolean bulkSource;
  final int bestEffortPermille;
  final int deletePermille;

  /**
   * Draws a mix.
   *
   * @param fewKeys whether there are not enough keys for many of them in most calls
   */
  OperationMix(Dice dice, boolean slotsLast, boolean fewKeys) {
    read = (int) dice.between(3, 12);
    update = dice.some(700, 5);
    publish = dice.some(700, 5);
    silentCommit = dice.some(550, 5);
    publishAgain = dice.some(450, 6);
    invalidate = dice.some(350, 3);
    clear = slotsLast ? 0 : dice.some(300, 3);
    refresh = dice.some(450, 4);
    close = dice.some(80, 1);
    manyKeysPermille = fewKeys ? dice.some(500, 700) : (int) dice.between(300, 900);
    bulkSource = !dice.permille(250);
    bestEffortPermille = dice.some(400, 900);
    deletePermille = dice.permille(400) ? 0 : (int) dice.between(100, 700);
  }
}
