package io.tidemark.proof.safeguards;

import io.tidemark.memory.InMemoryStore;
import io.tidemark.redis.RedisStore;
import io.tidemark.spi.Ballot;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.Payload;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.function.IntToLongFunction;
import java.util.stream.LongStream;
import redis.clients.jedis.RedisClient;

/**
 * Lets a load without a lock claim a key, and others come while it is at work: two more without
 * locks, whose ballots are lower and higher, and one with a lock. Counts those that load, of an
 * empty slot or an expired value. Made in the class loader of the edited copy.
 */
public final class ClaimsWithoutLocks implements IntToLongFunction {
  /** Instead of a port: the store in memory. */
  static final int IN_MEMORY = 0;

  private static final SlotKey EMPTY = new SlotKey("ballots", "empty");
  private static final SlotKey EXPIRED = new SlotKey("ballots", "expired");
  private static final Duration HOUR = Duration.ofHours(1);

  @Override
  public long applyAsLong(int redisPort) {
    if (redisPort == IN_MEMORY) {
      return loads(InMemoryStore.create());
    }
    try (RedisClient client = RedisClient.create("127.0.0.1", redisPort)) {
      client.flushAll();
      return loads(RedisStore.create(client));
    }
  }

  private static long loads(SlotStore store) {
    store.claim(EXPIRED, 1, ClaimMode.UNLESS_PRESENT, HOUR, HOUR);
    store.fill(
        EXPIRED,
        1,
        new EncodedRow.Present(1, Payload.wrap(new byte[1])),
        FloorRule.AT_OR_ABOVE,
        new Lifetime(Duration.ofMillis(1), HOUR));
    Awaiting.await().until(() -> !store.read(EXPIRED).isHit());
    return Math.max(loads(store, EMPTY), loads(store, EXPIRED));
  }

  private static long loads(SlotStore store, SlotKey key) {
    return LongStream.of(-5, -7, -3, 1)
        .mapToObj(
            fence -> {
              ClaimMode mode =
                  Ballot.isBallot(fence) ? ClaimMode.IF_FREE : ClaimMode.UNLESS_PRESENT;
              return store.claim(key, fence, mode, HOUR, HOUR);
            })
        .filter(
            answer ->
                answer instanceof ClaimAnswer.Claimed || answer instanceof ClaimAnswer.Reserved)
        .count();
  }
}
