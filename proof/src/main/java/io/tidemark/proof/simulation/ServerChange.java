package io.tidemark.proof.simulation;

import io.tidemark.memory.InMemoryStore.Snapshot;
import java.util.ArrayList;
import java.util.List;

/**
 * A change of the server that has the slots: another takes over with an earlier state of them, or
 * all of them move to another. Immutable.
 *
 * @param isMove whether nothing is lost
 * @param copiedAtNanos when the other server has last heard of a change, if it takes over
 * @param atNanos when it happens
 */
record ServerChange(boolean isMove, long copiedAtNanos, long atNanos) {

  /** Draws changes, as often a move as not; more where a replica of the source lags. */
  static List<ServerChange> some(Dice dice, boolean lags, boolean mayLose, long busyNanos) {
    List<ServerChange> changes = new ArrayList<>();
    for (int i = dice.some(lags ? 700 : 300, 6); i > 0; i--) {
      long at = dice.between(0, busyNanos);
      boolean isMove = dice.coin() || !mayLose;
      changes.add(new ServerChange(isMove, at - dice.spread(1, at + 1), at));
    }
    return changes;
  }

  static void schedule(SimulatedWorld world) {
    world.plan().serverChanges.forEach(change -> change.scheduleIn(world));
  }

  private void scheduleIn(SimulatedWorld world) {
    if (isMove) {
      world.agenda().after(atNanos, () -> move(world));
    } else {
      world
          .agenda()
          .after(
              copiedAtNanos,
              () -> {
                Snapshot copy = world.slots().snapshot();
                world.agenda().after(atNanos - copiedAtNanos, () -> failOver(world, copy));
              });
    }
  }

  private static void move(SimulatedWorld world) {
    world.count(Happening.SLOTS_MOVED);
    world.say("FAULT: all slots move to another server of the store");
    world.slots().failOver(world.slots().snapshot());
    world.promises().look();
  }

  private void failOver(SimulatedWorld world, Snapshot copy) {
    world.count(Happening.STORE_FAILED_OVER);
    world.say(
        "FAULT: another server of the store takes over, with the slots of %s",
        SimulatedWorld.clock(copiedAtNanos));
    world.slots().failOver(copy);
    world.loseFloors();
    world.promises().look();
  }
}
