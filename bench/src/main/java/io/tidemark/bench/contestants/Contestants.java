package io.tidemark.bench.contestants;

import java.util.function.Function;

/** Who takes part. */
public enum Contestants {
  RAW_JEDIS("raw Jedis: GET, else load and SET", RawJedis::new),
  PLAIN_MUTEX("InterProcessMutex, GET and SET", PlainMutex::new),
  FIRST_SEED("SET NX, and polling every 500 ms", PollingLock::new),
  REDISSON_LOCK("Redisson RLock and RBucket", RedissonLock::new),
  REDISSON_MAP("Redisson RMapCache and MapLoader", RedissonMap::new),
  JETCACHE("JetCache with penetration protection", JetCache::new),
  SPRING("Spring Data Redis, sync = true", SpringCache::new),
  CAFFEINE("Caffeine, in one process", CaffeineCache::new),
  TIDEMARK_ZOOKEEPER("Tidemark, locks in ZooKeeper", TidemarkCache::onZooKeeper),
  TIDEMARK_REDIS("Tidemark, locks in Redis", TidemarkCache::onRedis);

  private final String title;

  @SuppressWarnings("ImmutableEnumChecker") // Method references that capture nothing.
  private final Function<Setting, Contestant> opening;

  Contestants(String title, Function<Setting, Contestant> opening) {
    this.title = title;
    this.opening = opening;
  }

  /** What it is called in tables. */
  public String title() {
    return title;
  }

  /** Connects it; it knows nothing of what was cached before in the same process. */
  public Contestant open(Setting setting) {
    return opening.apply(setting);
  }
}
