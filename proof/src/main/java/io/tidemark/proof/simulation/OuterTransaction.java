package io.tidemark.proof.simulation;

import io.tidemark.CacheClosedException;
import io.tidemark.CallInterruptedException;
import io.tidemark.ClaimRule;
import io.tidemark.DeadlineExceededException;
import io.tidemark.Row;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.spi.Transactions.Ending;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A transaction that a caller begins, updates some keys in or publishes them together, and commits
 * or rolls back.
 */
final class OuterTransaction {
  private final SimulatedWorld world;
  private final SimulatedNode node;
  private final Dice dice;
  private final VersionedCache<String, String> cache;

  /** What is not committed yet, by key. */
  private final Map<String, SimulatedCommit> changes = new LinkedHashMap<>();

  /** Whether the cache owes anything for the changes. */
  private boolean cacheWasTold = true;

  OuterTransaction(SimulatedWorld world, SimulatedNode node, Dice dice) {
    this.world = world;
    this.node = node;
    this.dice = dice;
    this.cache = node.cache();
  }

  void run(List<String> keys, ClaimRule rule) {
    node.transactions().begin();
    boolean published = true;
    boolean fails = world.faultsMayHappen() && dice.permille(300);
    if (dice.permille(world.plan().mix.manyKeysPermille)) {
      published = publishTogether(keys);
      fails |= !published && dice.permille(800);
    } else {
      for (String key : keys) {
        boolean written = update(key, rule);
        fails |= !written && dice.permille(800);
        published &= written;
      }
    }
    node.spend(dice.spread(Plan.MICRO, 20 * Plan.MILLI));
    boolean unknown = world.faultsMayHappen() && dice.permille(100);
    boolean commits = unknown ? dice.coin() : !fails;
    if (commits) {
      changes.values().forEach(world.database()::commit);
    } else {
      changes.keySet().forEach(world.database()::rollBack);
    }
    node.spend(dice.spread(Plan.MICRO, Plan.MILLI));
    Ending ending = unknown ? Ending.UNKNOWN : commits ? Ending.COMMITTED : Ending.ROLLED_BACK;
    world.count(
        switch (ending) {
          case COMMITTED -> Happening.TRANSACTION_COMMITTED;
          case ROLLED_BACK -> Happening.TRANSACTION_ROLLED_BACK;
          case UNKNOWN -> Happening.TRANSACTION_UNKNOWN;
        });
    world.say("the transaction of %s ends: %s, commits: %s", changes.values(), ending, commits);
    int failedRequests = node.caller().failedRequests();
    node.transactions().end(ending);
    published &= ending == Ending.COMMITTED;
    // A drop has no version, and leaves no floor where a replica lags.
    if (commits && cacheWasTold && (published || !world.plan().replica)) {
      changes.values().forEach(commit -> require(commit, failedRequests));
    }
  }

  /** Returns whether the key was written. */
  private boolean update(String key, ClaimRule rule) {
    world.say("update(%s, %s) begins in a transaction", key, rule);
    try {
      return cache.update(key, rule, () -> change(key)).row() != null;
    } catch (SimulatedTransaction.Failed
        | UnavailableException
        | DeadlineExceededException
        | CacheClosedException
        | CallInterruptedException e) {
      world.say("update(%s) failed: %s", key, e);
    } catch (RuntimeException | Error e) {
      if (Outburst.in(e) == null) {
        throw e;
      }
      world.say("update(%s) failed: %s", key, e);
    }
    return false;
  }

  /** Returns whether all keys were written and published. */
  private boolean publishTogether(List<String> keys) {
    boolean allWritten = true;
    for (String key : keys) {
      try {
        Row<String> unused = change(key);
      } catch (SimulatedTransaction.Failed e) {
        allWritten = false;
      } catch (RuntimeException | Error e) {
        if (Outburst.in(e) == null) {
          throw e;
        }
        allWritten = false;
      }
    }
    Map<String, Row<String>> rows = new LinkedHashMap<>();
    changes.forEach((key, change) -> rows.put(key, change.row()));
    return publishAll(rows) && allWritten;
  }

  private boolean publishAll(Map<String, Row<String>> rows) {
    world.say("publishAll(%s) begins in a transaction", rows.keySet());
    try {
      Map<String, WriteOutcome> unused = cache.publishAll(rows);
      world.count(Happening.PUBLISH_OF_MANY_KEYS_DEFERRED);
      return true;
    } catch (CacheClosedException e) {
      cacheWasTold = false;
      world.say("publishAll failed: %s", e);
    } catch (RuntimeException | Error e) {
      Outburst outburst = Outburst.in(e);
      if (outburst == null) {
        throw e;
      }
      cacheWasTold = outburst.call() != ForeignCall.ENCODE_KEY;
      world.say("publishAll failed: %s", e);
    }
    return false;
  }

  private Row<String> change(String key) throws SimulatedTransaction.Failed {
    node.mayBurst(ForeignCall.WRITE);
    node.spend(dice.spread(Plan.MICRO, world.plan().pace.loadNanos));
    SimulatedCommit change = changes.get(key);
    // A key that is updated again is left as it is.
    if (change == null) {
      if (!world.database().lock(key, node, Workload.ROW_WAIT_NANOS)) {
        throw new SimulatedTransaction.Failed();
      }
      change = world.database().next(key);
      changes.put(key, change);
      world.say("changes %s", change);
    }
    node.spend(dice.spread(Plan.MICRO, world.plan().pace.loadNanos));
    node.mayBurst(ForeignCall.WRITE);
    return change.row();
  }

  private void require(SimulatedCommit commit, int failedRequests) {
    if (node.caller().failedRequests() == failedRequests) {
      world.promises().require(commit.key(), commit.number());
    } else {
      world.toBeRepaired(node, cache, commit);
    }
  }
}
