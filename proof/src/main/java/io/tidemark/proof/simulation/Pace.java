package io.tidemark.proof.simulation;

/**
 * How fast a world is: what a request, a load and a caller take, and when clients give up.
 * Immutable.
 */
final class Pace {
  final long hopNanos;
  final long storeTimeoutNanos;
  final long lockTimeoutNanos;
  final long sessionNanos;
  final long loadNanos;
  final long thinkNanos;

  Pace(Dice dice) {
    hopNanos = dice.spread(20 * Plan.MICRO, 2 * Plan.MILLI);
    storeTimeoutNanos = dice.between(8, 30) * Plan.MILLI;
    lockTimeoutNanos = dice.between(20, 60) * Plan.MILLI;
    sessionNanos = dice.between(20, 80) * Plan.MILLI;
    loadNanos = dice.spread(50 * Plan.MICRO, 8 * Plan.MILLI);
    thinkNanos = dice.spread(200 * Plan.MICRO, 40 * Plan.MILLI);
  }
}
