package io.tidemark.proof.histories;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisDataException;

/** Makes a Redis evict what it has. */
final class Eviction {
  private static final Logger LOG = LoggerFactory.getLogger(Eviction.class);
  private static final int JUNK_ENTRIES = 1_500;
  private static final int JUNK_BYTES = 1_024;
  private static final int SPARE_BYTES = 200_000;

  private Eviction() {}

  /**
   * Looks at one entry when it chooses what to evict, so that the hot ones go, too. The limit is
   * taken away again at once.
   */
  static void on(FleetRedis fleet, int number) {
    try (RedisClient redis = fleet.client(number)) {
      long used = usedMemory(redis);
      config(redis, "maxmemory-policy", "allkeys-lru");
      config(redis, "maxmemory-samples", "1");
      config(redis, "maxmemory", Long.toString(used + SPARE_BYTES));
      fillUp(redis);
      config(redis, "maxmemory", "0");
      for (int i = 0; i < JUNK_ENTRIES; i++) {
        redis.unlink("junk:" + i);
      }
    }
  }

  private static void fillUp(RedisClient redis) {
    String junk = "x".repeat(JUNK_BYTES);
    try {
      for (int i = 0; i < JUNK_ENTRIES; i++) {
        redis.set("junk:" + i, junk);
      }
    } catch (JedisDataException e) {
      // OOM: everything is evicted, and what the server needs for itself is over the limit still.
      LOG.debug("Redis takes no more", e);
    }
  }

  private static long usedMemory(RedisClient redis) {
    return redis
        .info("memory")
        .lines()
        .filter(line -> line.startsWith("used_memory:"))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
        .findFirst()
        .orElseThrow();
  }

  private static void config(RedisClient redis, String option, String value) {
    redis.executeCommand(
        new CommandArguments(Protocol.Command.CONFIG).add("SET").add(option).add(value));
  }
}
