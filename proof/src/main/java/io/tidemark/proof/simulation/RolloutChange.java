package io.tidemark.proof.simulation;

import io.tidemark.Rollout;
import java.util.List;
import java.util.stream.IntStream;

/**
 * That the cache of a process is switched. Processes differ for as long as chance has it; in the
 * end all caches are switched on, at once, and nothing is cleared. Immutable.
 *
 * @param node the number of the process
 */
record RolloutChange(long atNanos, int node, Rollout next) {

  /** With a chance, some changes; otherwise none. */
  static List<RolloutChange> some(Dice dice, int nodes, long untilNanos) {
    return IntStream.range(0, dice.some(300, 12))
        .mapToObj(i -> new RolloutChange(dice.between(0, untilNanos), dice.below(nodes), any(dice)))
        .toList();
  }

  private static Rollout any(Dice dice) {
    return dice.oneOf(
        List.of(Rollout.on(), Rollout.bypass(), Rollout.ofKeys((int) dice.between(0, 100))));
  }

  /** Switches the caches when it is time. */
  static void schedule(SimulatedWorld world) {
    for (RolloutChange change : world.plan().rollouts) {
      world
          .agenda()
          .after(change.atNanos(), () -> change.make(world, world.nodes().get(change.node())));
    }
  }

  /** Switches all caches on. */
  static void switchOn(SimulatedWorld world) {
    world.nodes().forEach(node -> node.cache().switchTo(Rollout.on()));
  }

  private void make(SimulatedWorld world, SimulatedNode process) {
    world.count(Happening.ROLLOUT_CHANGED);
    world.say("the rollout of %s is %s from now on", process, next);
    process.cache().switchTo(next);
  }
}
