package io.tidemark.proof.simulation;

/**
 * The last part of a run, without faults: every call has ended, every process reads every key once
 * all locks and claims of the dead are gone, and again when every entry has expired.
 */
final class Ending {
  private static final long SETTLING_NANOS = 3_000 * Plan.MILLI;
  private static final long EXPIRY_NANOS = 200_000 * Plan.MILLI;
  private static final long APART_NANOS = 1_000 * Plan.MILLI;

  private final SimulatedWorld world;

  Ending(SimulatedWorld world) {
    this.world = world;
  }

  void begin() {
    // A ballot that could not be given up keeps others from its key until its claim ends.
    long claimsEnd = world.plan().claimLife.toNanos();
    world.agenda().after(SETTLING_NANOS + claimsEnd, this::readAgain);
  }

  private void readAgain() {
    for (SimulatedNode node : world.nodes()) {
      for (Strand caller : node.callers()) {
        if (!caller.hasEnded()) {
          throw SimulationRule.ENDS_IN_TIME.brokenBy(
              caller + " still waits, long after every deadline");
        }
      }
    }
    world.beginEnding();
    RolloutChange.switchOn(world);
    world.requireRepairs();
    world.say("all faults are over, and every process reads");
    readEverything(false);
    updateEverything();
    world.agenda().after(EXPIRY_NANOS, this::readAfterExpiry);
  }

  private void readAfterExpiry() {
    world.say("everything has expired, and every process reads");
    readEverything(true);
    world.agenda().after(world.nodes().size() * APART_NANOS, world.agenda()::end);
  }

  private void updateEverything() {
    long after = world.nodes().size() * APART_NANOS;
    for (SimulatedNode node : world.nodes()) {
      Workload last = new Workload(world, node, new Dice(1));
      Strand unused = node.spawn(after, () -> world.keys().forEach(last::updateAtTheEnd));
      after += APART_NANOS;
    }
  }

  private void readEverything(boolean newest) {
    long after = 0;
    for (SimulatedNode node : world.nodes()) {
      Workload last = new Workload(world, node, new Dice(0));
      Strand unused = node.spawn(after, () -> last.readEverything(newest));
      after += APART_NANOS;
    }
  }
}
