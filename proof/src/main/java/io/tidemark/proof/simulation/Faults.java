package io.tidemark.proof.simulation;

import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.SlotKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What goes wrong at moments of its own, as the plan says. Half of it strikes at random; the rest
 * lies in wait for a claim, and strikes while its holder loads or writes, where it hurts most.
 */
final class Faults {
  private final SimulatedWorld world;
  private final Plan plan;
  private final Dice dice;
  private int meddlers;
  private final Deque<Fault> lyingInWait = new ArrayDeque<>();

  Faults(SimulatedWorld world, Dice dice) {
    this.world = world;
    this.plan = world.plan();
    this.dice = dice;
    this.meddlers = plan.events.meddlers;
  }

  /** What strikes a process, or a key, or all. */
  @FunctionalInterface
  private interface Fault {
    void strike(SimulatedNode node, String key);
  }

  void begin() {
    List<Fault> all = new ArrayList<>();
    add(all, plan.events.evictions, this::evict);
    add(all, plan.events.damages, this::damage);
    add(all, plan.events.wipes, (node, key) -> wipe());
    add(all, plan.events.storeAways, (node, key) -> storeAway());
    add(all, plan.events.pauses, (node, key) -> pause(node));
    add(all, plan.events.crashes, (node, key) -> crash(node));
    add(all, plan.events.sessionLosses, (node, key) -> loseSession(node));
    add(all, plan.events.lockAways, (node, key) -> locksAway());
    if (plan.events.storeAwayAtTheEnd) {
      world.agenda().after(plan.faultsEndNanos * 3 / 4, this::storeAwayAtTheEnd);
    }
    while (!all.isEmpty()) {
      Fault fault = all.remove(dice.below(all.size()));
      if (dice.coin()) {
        lyingInWait.add(fault);
      } else {
        world
            .agenda()
            .after(
                dice.between(0, plan.faultsEndNanos),
                () -> fault.strike(dice.oneOf(world.nodes()), dice.oneOf(world.keys())));
      }
    }
  }

  private static void add(List<Fault> all, int times, Fault fault) {
    for (int i = 0; i < times; i++) {
      all.add(fault);
    }
  }

  /**
   * Something has just begun during which the key is in danger: a claim, or a request that will be
   * late. By chance somebody else uses the key meanwhile.
   */
  void provoke(String key) {
    SimulatedNode node = dice.oneOf(world.nodes());
    if (meddlers > 0 && world.faultsMayHappen() && node.isAlive() && dice.permille(500)) {
      meddlers--;
      world.count(Happening.MEDDLED);
      long after =
          dice.coin()
              ? dice.spread(5 * Plan.MICRO, 20 * Plan.MILLI)
              : dice.between(0, 20 * Plan.MILLI);
      node.meddle(after, key);
    }
  }

  /** A claim was just made, by a load or by an update. */
  void onClaim(SimulatedNode node, SlotKey key, ClaimMode mode) {
    provoke(key.key());
    if (mode == ClaimMode.ALWAYS && plan.events.sessionLosses > 0 && dice.permille(450)) {
      strikeSoon((holder, same) -> loseSession(holder), node, key);
    } else if (!lyingInWait.isEmpty() && dice.permille(400)) {
      strikeSoon(lyingInWait.remove(), node, key);
    }
  }

  private void strikeSoon(Fault fault, SimulatedNode node, SlotKey key) {
    world
        .agenda()
        .after(
            dice.spread(5 * Plan.MICRO, 4 * plan.pace.hopNanos + 2 * plan.pace.loadNanos),
            () -> {
              if (world.faultsMayHappen()) {
                fault.strike(node, key.key());
              }
            });
  }

  private void evict(SimulatedNode node, String key) {
    world.count(Happening.SLOT_EVICTED);
    world.say("FAULT: the slot of %s is evicted", key);
    world.slots().evict(world.slotKey(key));
    world.promises().look();
  }

  private void damage(SimulatedNode node, String key) {
    world.count(Happening.SLOT_DAMAGED);
    world.say("FAULT: the slot of %s is damaged", key);
    world.slots().damage(world.slotKey(key));
    world.promises().look();
  }

  private void wipe() {
    world.count(Happening.STORE_WIPED);
    world.say("FAULT: the store restarts without its slots");
    world.keys().forEach(key -> world.slots().evict(world.slotKey(key)));
    world.promises().look();
    world.network().storeIsAway(dice.between(0, 5) * Plan.MILLI);
  }

  private void storeAway() {
    storeAway(dice.spread(1, 500) * Plan.MILLI);
  }

  /** The last writes get no answer, and nobody comes after them: the slots must be repaired. */
  private void storeAwayAtTheEnd() {
    storeAway(plan.faultsEndNanos / 4 + dice.between(0, 300) * Plan.MILLI);
  }

  private void storeAway(long nanos) {
    world.count(Happening.STORE_AWAY);
    world.say("FAULT: the store is away for %s ms", SimulatedWorld.clock(nanos));
    world.network().storeIsAway(nanos);
  }

  private void pause(SimulatedNode node) {
    long nanos = dice.spread(100 * Plan.MICRO, 150 * Plan.MILLI);
    world.count(Happening.PROCESS_PAUSED);
    world.say("FAULT: %s is paused for %s ms", node, SimulatedWorld.clock(nanos));
    node.pause(nanos);
  }

  private void crash(SimulatedNode node) {
    if (!node.isAlive()) {
      return;
    }
    world.count(Happening.PROCESS_CRASHED);
    world.say("FAULT: %s crashes", node);
    node.crash();
    world.agenda().after(plan.pace.sessionNanos, () -> world.locks().loseSession(node));
    world.agenda().after(dice.between(1, 20) * Plan.MILLI, () -> world.restart(node));
  }

  private void loseSession(SimulatedNode node) {
    world.count(Happening.LOCK_SESSION_LOST);
    world.say("FAULT: %s loses its session at the lock service", node);
    world.locks().loseSession(node);
  }

  private void locksAway() {
    long nanos = dice.between(1, 80) * Plan.MILLI;
    world.count(Happening.LOCK_SERVICE_AWAY);
    world.say("FAULT: the lock service is away for %s ms", SimulatedWorld.clock(nanos));
    world.locks().away(nanos);
  }
}
