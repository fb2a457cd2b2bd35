package io.tidemark.proof.simulation;

import io.tidemark.spi.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The source of record: the whole history of each row. A commit is one moment, and versions are
 * drawn under the row's own lock, so their order is the order of commits.
 */
final class SimulatedDatabase {
  private final SimulatedWorld world;
  private final Dice dice;
  private final Map<String, List<SimulatedCommit>> rows = new TreeMap<>();

  /** The processes whose open transactions have changed a row. */
  private final Map<String, SimulatedNode> locked = new TreeMap<>();

  SimulatedDatabase(SimulatedWorld world, Dice dice) {
    this.world = world;
    this.dice = dice;
    for (String key : world.keys()) {
      boolean absent = world.plan().startsAbsent;
      SimulatedCommit first =
          new SimulatedCommit(key, 0, absent ? Version.NONE : 10, absent ? null : key + ".0", 0);
      rows.put(key, new ArrayList<>(List.of(first)));
    }
  }

  List<SimulatedCommit> history(String key) {
    List<SimulatedCommit> history = rows.get(key);
    if (history == null) {
      throw new IllegalArgumentException("no such row: " + key);
    }
    return history;
  }

  SimulatedCommit newest(String key) {
    List<SimulatedCommit> history = history(key);
    return history.get(history.size() - 1);
  }

  /** Commits the row's next state: a value or, by chance, a deletion. */
  SimulatedCommit commit(String key) {
    return commit(next(key));
  }

  /**
   * Locks a row for a transaction, which ends with its process.
   *
   * @return whether it was locked in time
   */
  boolean lock(String key, SimulatedNode node, long atMostNanos) {
    if (!awaitRow(key, node, atMostNanos)) {
      return false;
    }
    locked.put(key, node);
    return true;
  }

  /** Waits for the transaction that has locked a row. Returns whether it has ended in time. */
  boolean awaitRow(String key, SimulatedNode node, long atMostNanos) {
    long until = world.now() + atMostNanos;
    SimulatedNode holder = locked.get(key);
    while (holder != null && holder.isAlive() && world.now() < until) {
      node.spend(dice.between(1, 200) * Plan.MICRO);
      holder = locked.get(key);
    }
    return holder == null || !holder.isAlive();
  }

  void rollBack(String key) {
    locked.remove(key);
  }

  /** Commits what {@link #next} gave, and unlocks the row. */
  SimulatedCommit commit(SimulatedCommit next) {
    SimulatedCommit commit =
        new SimulatedCommit(next.key(), next.number(), next.version(), next.value(), world.now());
    history(next.key()).add(commit);
    locked.remove(next.key());
    world.say("committed %s", commit);
    return commit;
  }

  /** The row's next state: a value or, by chance, a deletion. */
  SimulatedCommit next(String key) {
    Plan plan = world.plan();
    SimulatedCommit last = newest(key);
    boolean delete = last.value() != null && dice.permille(plan.mix.deletePermille);
    long highest = 0;
    for (SimulatedCommit commit : history(key)) {
      highest = Math.max(highest, commit.version());
    }
    boolean tied = plan.ties && !delete && dice.permille(400);
    long version = highest + (tied ? 0 : dice.between(1, 3));
    if (plan.fallingVersions && last.value() == null && last.number() > 0) {
      version = Math.max(1, highest - dice.between(1, 5));
    }
    if (delete) {
      boolean versioned = dice.permille(plan.deleteWithVersionPermille);
      world.count(versioned ? Happening.DELETE_WITH_VERSION : Happening.DELETE_WITHOUT_VERSION);
      version = versioned ? version : Version.NONE;
    }
    if (tied && version == highest) {
      world.count(Happening.COMMIT_TIED);
    }
    int number = last.number() + 1;
    return new SimulatedCommit(
        key, number, version, delete ? null : key + "." + number, world.now());
  }

  /** What a copy of the database shows that lags by a time. */
  SimulatedCommit asOf(String key, long nanos) {
    List<SimulatedCommit> history = history(key);
    int at = history.size() - 1;
    while (at > 0 && history.get(at).atNanos() > nanos) {
      at--;
    }
    return history.get(at);
  }
}
