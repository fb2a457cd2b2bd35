package io.tidemark.proof.simulation;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Which foreign calls throw, and how often an executor refuses or drops what it is given.
 * Immutable.
 */
final class Bursts {
  /** The foreign calls that may end with anything. */
  final Set<ForeignCall> bursting;

  final int burstPermille;
  final int refusedTaskPermille;
  final int droppedTaskPermille;

  Bursts(Dice dice) {
    bursting = dice.permille(300) ? someCalls(dice) : Set.of();
    burstPermille = (int) dice.spread(5, 200);
    refusedTaskPermille = dice.permille(150) ? (int) dice.spread(5, 300) : 0;
    droppedTaskPermille = dice.permille(100) ? (int) dice.spread(5, 100) : 0;
  }

  /** One of them, most often, and by chance all. */
  private static Set<ForeignCall> someCalls(Dice dice) {
    return dice.permille(200)
        ? EnumSet.allOf(ForeignCall.class)
        : EnumSet.of(dice.oneOf(List.of(ForeignCall.values())));
  }
}
