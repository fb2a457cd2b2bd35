package io.tidemark.bench.contestants;

import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Who takes part. */
public enum Contestants {
  RAW_JEDIS("raw Jedis: GET, else load and SET", "raw:%d", RawJedis::new),
  PLAIN_MUTEX("InterProcessMutex, GET and SET", "mutex:%d", PlainMutex::new),
  FIRST_SEED("SET NX, and polling every 500 ms", "polling:%d", PollingLock::new),
  REDISSON_LOCK("Redisson RLock and RBucket", "redisson:%d", RedissonLock::new),
  REDISSON_MAP("Redisson RMapCache and MapLoader", "redisson-map", RedissonMap::new),
  JETCACHE("JetCache with penetration protection", "jetcache:%d", JetCache::new),
  SPRING("Spring Data Redis, sync = true", "spring::%d", SpringCache::new),
  CAFFEINE("Caffeine, in one process", null, CaffeineCache::new),
  TIDEMARK_ZOOKEEPER(
      "Tidemark, locks in ZooKeeper", "tidemark:zookeeper:%d", TidemarkCache::onZooKeeper),
  TIDEMARK_REDIS("Tidemark, locks in Redis", "tidemark:redis:%d", TidemarkCache::onRedis);

  private final String title;
  private final @Nullable String entries;

  @SuppressWarnings("ImmutableEnumChecker") // Method references that capture nothing.
  private final Function<Setting, Contestant> opening;

  Contestants(String title, @Nullable String entries, Function<Setting, Contestant> opening) {
    this.title = title;
    this.entries = entries;
    this.opening = opening;
  }

  /** What it is called in tables. */
  public String title() {
    return title;
  }

  /**
   * The key in Redis with which the entry of an item is lost, perhaps with others; empty if it
   * keeps nothing in Redis.
   */
  public Optional<String> entryKey(int id) {
    return Optional.ofNullable(entries).map(pattern -> pattern.formatted(id));
  }

  /** Connects it; it knows nothing of what was cached before in the same process. */
  public Contestant open(Setting setting) {
    return opening.apply(setting);
  }
}
