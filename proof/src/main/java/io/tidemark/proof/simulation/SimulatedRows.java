package io.tidemark.proof.simulation;

import io.tidemark.BulkSource;
import io.tidemark.BulkSource.BulkLoad;
import io.tidemark.Row;
import io.tidemark.Source;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** One process' way to the rows: from the database itself, or from a replica that lags. */
final class SimulatedRows {
  private final SimulatedWorld world;
  private final Plan plan;
  private final SimulatedNode node;
  private final Dice dice;

  /** Keys whose rows were read, and that no reader was answered with yet. */
  private final Set<String> unused = new HashSet<>();

  SimulatedRows(SimulatedWorld world, SimulatedNode node, Dice dice) {
    this.world = world;
    this.plan = world.plan();
    this.node = node;
    this.dice = dice;
  }

  Source<String, String> source() {
    return source(this::load, this::loadAll, Happening.LOAD_OF_MANY_KEYS);
  }

  Source<String, String> replica() {
    return source(
        this::readReplica,
        keys -> readEach(keys, this::readReplica),
        Happening.LOAD_OF_MANY_KEYS_FROM_REPLICA);
  }

  private Source<String, String> source(
      Source<String, String> one, BulkLoad<String, String> many, Happening happening) {
    return plan.mix.bulkSource
        ? BulkSource.of(
            one,
            keys -> {
              world.count(happening);
              return many.loadAll(keys);
            })
        : one;
  }

  /**
   * A reader was answered with a row that was read for it or for others.
   *
   * @return whether it is the first who was
   */
  boolean answered(String key) {
    return unused.remove(key);
  }

  private Row<String> load(String key) throws Exception {
    return Objects.requireNonNull(loadAll(List.of(key)).get(key));
  }

  private Map<String, Row<String>> loadAll(Collection<String> keys) throws Exception {
    world.loads().begin(node, keys);
    try {
      return readEach(keys, this::readDatabase);
    } finally {
      world.loads().end(keys);
    }
  }

  /** Many rows in one call are of different moments, and each may be read slowly. */
  private static Map<String, Row<String>> readEach(
      Collection<String> keys, Source<String, String> one) throws Exception {
    Map<String, Row<String>> rows = new HashMap<>();
    for (String key : keys) {
      rows.put(key, one.load(key));
    }
    return rows;
  }

  private Row<String> readDatabase(String key) {
    node.mayBurst(ForeignCall.SOURCE);
    beginReading(key);
    SimulatedCommit commit = world.database().newest(key);
    world.say("reads %s from the source", commit);
    return endReading(commit);
  }

  private Row<String> readReplica(String key) {
    node.mayBurst(ForeignCall.REPLICA);
    beginReading(key);
    long lag = dice.between(0, plan.replicaLag.toNanos());
    SimulatedCommit commit = world.database().asOf(key, world.now() - lag);
    if (commit.number() != world.database().newest(key).number()) {
      world.count(Happening.REPLICA_LAGGED);
    }
    world.say("reads %s from the replica", commit);
    return endReading(commit);
  }

  private void beginReading(String key) {
    node.spend(dice.spread(10 * Plan.MICRO, plan.pace.loadNanos));
    if (world.faultsMayHappen() && dice.permille(plan.rates.failedLoadPermille)) {
      world.count(Happening.SOURCE_FAILED);
      world.say("the source fails for %s", key);
      throw new IllegalStateException("the source failed");
    }
  }

  private Row<String> endReading(SimulatedCommit commit) {
    world.promises().readFromSource(commit);
    boolean slow = world.faultsMayHappen() && dice.permille(plan.rates.slowLoadPermille);
    if (slow) {
      world.count(Happening.SOURCE_SLOW);
      world.faults().provoke(commit.key());
    }
    node.spend(slow ? dice.between(5, 150) * Plan.MILLI : dice.spread(1, plan.pace.loadNanos));
    unused.add(commit.key());
    return commit.row();
  }
}
