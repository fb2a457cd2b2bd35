package io.tidemark.proof.simulation;

import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The lock service's own view: who holds which key. A holder that lost its session is not asked and
 * goes on as if it still held the lock.
 */
final class LockService {
  private final SimulatedWorld world;
  private final Dice dice;
  private final Map<SlotKey, Holding> holdings = new HashMap<>();
  private final List<Holding> inOrder = new ArrayList<>();
  private long lastTransaction = 100;
  private long awayUntil;

  LockService(SimulatedWorld world, Dice dice) {
    this.world = world;
    this.dice = dice;
  }

  /** One holding of one key. */
  static final class Holding {
    private final SlotKey key;
    private final SimulatedNode node;
    private final long fence;
    private final List<Runnable> watchers = new ArrayList<>();
    private boolean gone;

    Holding(SlotKey key, SimulatedNode node, long fence) {
      this.key = key;
      this.node = node;
      this.fence = fence;
    }

    long fence() {
      return fence;
    }

    boolean isGone() {
      return gone;
    }
  }

  boolean isAway() {
    return world.now() < awayUntil;
  }

  void away(long nanos) {
    awayUntil = Math.max(awayUntil, world.now() + nanos);
  }

  /** A new holding, or null if somebody has the key. */
  @Nullable Holding acquire(SlotKey key, SimulatedNode node) {
    if (holdings.containsKey(key)) {
      return null;
    }
    lastTransaction += dice.between(1, 3);
    Holding holding = new Holding(key, node, lastTransaction);
    holdings.put(key, holding);
    inOrder.add(holding);
    world.say("  locks: %s has %s with fence %d", node, key.key(), holding.fence);
    return holding;
  }

  @Nullable Holding holder(SlotKey key) {
    return holdings.get(key);
  }

  void release(Holding holding) {
    if (holding.gone) {
      return;
    }
    holding.gone = true;
    holdings.remove(holding.key, holding);
    inOrder.remove(holding);
    world.say("  locks: fence %d is gone", holding.fence);
    holding.watchers.forEach(Runnable::run);
  }

  /** Tells when a holding is gone. */
  void watch(Holding holding, Runnable watcher) {
    if (holding.gone) {
      watcher.run();
    } else {
      holding.watchers.add(watcher);
    }
  }

  /** Everything that a process holds is gone at once, and the process is not told. */
  void loseSession(SimulatedNode node) {
    for (Holding holding : List.copyOf(inOrder)) {
      if (holding.node == node) {
        release(holding);
      }
    }
  }
}
