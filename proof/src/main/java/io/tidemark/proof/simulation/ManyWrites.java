package io.tidemark.proof.simulation;

import io.tidemark.BulkWriteException;
import io.tidemark.CacheClosedException;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** Tells the cache of many commits in one call; each is judged as if it had been told alone. */
final class ManyWrites {
  private final SimulatedWorld world;
  private final SimulatedNode node;
  private final Dice dice;
  private final Workload workload;

  ManyWrites(SimulatedWorld world, SimulatedNode node, Dice dice, Workload workload) {
    this.world = world;
    this.node = node;
    this.dice = dice;
    this.workload = workload;
  }

  /** Commits some rows, one after the other, and publishes them together. */
  void commitAndPublish(List<String> keys) {
    Map<String, SimulatedCommit> commits = new LinkedHashMap<>();
    for (String key : keys) {
      if (world.database().awaitRow(key, node, Workload.ROW_WAIT_NANOS)) {
        commits.put(key, world.database().commit(key));
        node.spend(dice.spread(Plan.MICRO, Plan.MILLI));
      }
    }
    Map<String, Row<String>> rows = new LinkedHashMap<>();
    commits.forEach((key, commit) -> rows.put(key, commit.row()));
    world.count(Happening.PUBLISH_OF_MANY_KEYS);
    write("publishAll", commits, false, cache -> cache.publishAll(rows));
  }

  /** Drops what the cache has of some keys. */
  void invalidate(List<String> keys) {
    Map<String, SimulatedCommit> newest = new LinkedHashMap<>();
    keys.forEach(key -> newest.put(key, world.database().newest(key)));
    world.count(Happening.INVALIDATE_OF_MANY_KEYS);
    // A replica may give what the source had before, and a drop without a version leaves no floor.
    write(
        "invalidateAll",
        newest,
        world.plan().replica,
        cache -> cache.invalidateAll(newest.keySet()));
  }

  private void write(
      String what,
      Map<String, SimulatedCommit> commits,
      boolean promisesNothing,
      Function<VersionedCache<String, String>, Map<String, WriteOutcome>> call) {
    world.say("%s(%s) begins", what, commits.values());
    VersionedCache<String, String> cache = node.cache();
    Workload.Stopwatch stopwatch = workload.newStopwatch();
    Map<?, WriteOutcome> outcomes;
    try {
      outcomes = call.apply(cache);
    } catch (CacheClosedException e) {
      workload.failed(Happening.READ_FAILED, what, e);
      return;
    } catch (BulkWriteException e) {
      e.failures().forEach((key, failure) -> judge(what, cache, of(commits, key), failure));
      outcomes = e.outcomes();
    } catch (RuntimeException | Error e) {
      commits.values().forEach(commit -> judge(what, cache, commit, e));
      stopwatch.check();
      return;
    }
    world.say("%s = %s", what, outcomes);
    if (!promisesNothing) {
      outcomes.forEach((key, outcome) -> workload.require(outcome, of(commits, key), cache));
    }
    stopwatch.check();
  }

  private static SimulatedCommit of(Map<String, SimulatedCommit> commits, Object key) {
    return Objects.requireNonNull(commits.get(key));
  }

  private void judge(
      String what,
      VersionedCache<String, String> cache,
      SimulatedCommit commit,
      Throwable failure) {
    Outburst outburst = workload.failedWithOutburst(Happening.READ_FAILED, what, failure);
    if (outburst.call() != ForeignCall.ENCODE_KEY && !world.plan().replica) {
      world.toBeRepaired(node, cache, commit);
    }
  }
}
