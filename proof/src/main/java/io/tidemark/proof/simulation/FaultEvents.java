package io.tidemark.proof.simulation;

/** How many faults that hit a whole store, process or lock service a world has. Immutable. */
final class FaultEvents {
  final int evictions;
  final int damages;
  final int wipes;
  final int storeAways;
  final boolean storeAwayAtTheEnd;
  final int pauses;
  final int crashes;
  final int sessionLosses;
  final int lockAways;
  final int meddlers;
  final boolean drift;

  FaultEvents(Dice dice, boolean slotsLast) {
    evictions = slotsLast ? 0 : dice.some(400, 12);
    damages = slotsLast ? 0 : dice.some(200, 4);
    wipes = slotsLast ? 0 : dice.some(150, 2);
    storeAways = dice.some(300, 3);
    storeAwayAtTheEnd = dice.permille(150);
    pauses = dice.some(400, 5);
    crashes = dice.some(250, 3);
    sessionLosses = dice.some(450, 8);
    lockAways = dice.some(200, 2);
    meddlers = dice.some(750, 24);
    drift = dice.permille(250);
  }
}
