package io.tidemark.redis;

import io.tidemark.OutcomeUnknownException;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Removes slots by their names from every master, also those that move from one master to another
 * meanwhile. Thread-safe.
 *
 * <p>A key can be missed if its master is visited after it has left, and the master where it has
 * arrived was visited before. So where hash slots have moved during a visit to all masters, or were
 * about to, all are visited again, until each hash slot was still for a whole visit or was in one
 * and the same move for two.
 */
final class Clearing {
  /** The most visits to all masters. A hash slot that moves once takes two or three. */
  static final int MOST_VISITS = 10;

  private static final int KEYS_PER_SCAN = 1_000;

  private static final CommandObject<byte[]> REPLICATION =
      new CommandObject<>(
          new CommandArguments(Protocol.Command.INFO).add("replication"), BuilderFactory.BINARY);

  private final UnifiedJedis jedis;
  private final ClientPools pools;
  private final JedisFailures failures;
  private final Failover failover;

  Clearing(UnifiedJedis jedis, JedisFailures failures, Failover failover) {
    this.jedis = jedis;
    this.pools = new ClientPools(jedis);
    this.failures = failures;
    this.failover = failover;
  }

  /**
   * Removes the slots whose names match.
   *
   * @param progress gets the count so far, from time to time
   * @return how many slots were removed
   */
  long clear(String pattern, LongConsumer progress) {
    AtomicLong removed = new AtomicLong();
    try {
      pools.repeating(() -> visit(pattern, removed, progress));
      return removed.get();
    } catch (JedisException e) {
      throw removed.get() == 0 ? failures.ofWrite(null, e) : JedisFailures.unknown(null, e);
    }
  }

  private void visit(String pattern, AtomicLong removed, LongConsumer progress) {
    if (jedis instanceof RedisClusterClient cluster) {
      visitUntilNoneIsMissed(cluster, pattern, removed, progress);
    } else {
      visit(Master.of(jedis), pattern, removed, progress);
    }
  }

  private void visitUntilNoneIsMissed(
      RedisClusterClient cluster, String pattern, AtomicLong removed, LongConsumer progress) {
    BitSet left = new BitSet(HashSlots.COUNT);
    left.set(0, HashSlots.COUNT);
    @Nullable HashSlots earlier = null;
    HashSlots before = HashSlots.of(cluster);
    for (int i = 0; i < MOST_VISITS; i++) {
      visit(before.masters(), pattern, removed, progress);
      HashSlots after = HashSlots.of(cluster);
      left.andNot(after.unmissed(before, earlier));
      if (left.isEmpty()) {
        return;
      }
      earlier = before;
      before = after;
    }
    throw new OutcomeUnknownException(
        null,
        "hash slots of the cluster moved during each of %d scans (%d of them now), so that slots may be left"
            .formatted(MOST_VISITS, left.cardinality()),
        null);
  }

  private void visit(
      List<Master> masters, String pattern, AtomicLong removed, LongConsumer progress) {
    for (Master master : masters) {
      master.scan(
          KEYS_PER_SCAN,
          pattern,
          found -> {
            // Safeguard CLEAR_BREAKS_CLAIMS: a load under way would put back what is cleared.
            progress.accept(removed.addAndGet(master.unlink(found)));
          });
      if (failover != Failover.KEEP) {
        // Safeguard ONLY_MASTERS_COUNT: slots may be left on the master of a replica.
        Lineage unused = Lineage.parsed(master.ask(REPLICATION));
      }
    }
  }
}
