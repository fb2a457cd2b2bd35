package io.tidemark.proof.simulation;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** What the source is being asked for by the whole fleet. */
final class LoadsUnderWay {
  private final SimulatedWorld world;
  private final Set<String> keys = new HashSet<>();

  LoadsUnderWay(SimulatedWorld world) {
    this.world = world;
  }

  void begin(SimulatedNode node, Collection<String> asked) {
    for (String key : asked) {
      if (!keys.add(key) && world.plan().calm) {
        // Not thrown: the cache would take it for a failure of the source.
        world
            .agenda()
            .fail(
                SimulationRule.ONE_LOAD.brokenBy(
                    "%s asks the source for %s while it is being loaded".formatted(node, key)));
      }
    }
  }

  void end(Collection<String> asked) {
    keys.removeAll(asked);
  }
}
