package io.tidemark.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.bench.contestants.Contestant;
import io.tidemark.bench.contestants.Contestants;
import io.tidemark.bench.contestants.Item;
import io.tidemark.bench.contestants.RedisClients;
import io.tidemark.bench.contestants.Setting;
import io.tidemark.bench.contestants.ZooKeeperClient;
import io.tidemark.redis.Failover;
import io.tidemark.redis.RedisStore;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Payload;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.zookeeper.ZooKeeperLocks;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.curator.framework.CuratorFramework;
import redis.clients.jedis.RedisClient;

/** A cache, and its store and its locks by themselves. Not thread-safe. */
final class StepSite implements AutoCloseable {
  /** An item that is cached. */
  static final int CACHED_ITEM = -1;

  /** Its slot in the cache of {@link Contestants#TIDEMARK_ZOOKEEPER}. */
  static final SlotKey CACHED = new SlotKey("zookeeper", Integer.toString(CACHED_ITEM));

  /** The cache's default. */
  private static final int LARGEST = 8 * 1024 * 1024;

  private static final String WRITTEN = "/written";
  private static final Duration LONGER_THAN_ANY_RUN = Duration.ofDays(1);

  private final RedisClient redis;
  private final RedisStore store;
  private final RedisStore keepingStore;
  private final CuratorFramework zookeeper;
  private final ZooKeeperLocks locks;
  private final Contestant cache;
  private final byte[] entry;
  private final Payload payload;
  private final Deque<LockHandle> held = new ArrayDeque<>();

  /**
   * Connects.
   *
   * @param bytes how long the JSON of an item is
   */
  StepSite(String redis, String zookeeper, int bytes) throws Exception {
    Setting setting =
        new Setting(redis, zookeeper, id -> Item.ofSize(id, 1, bytes), LONGER_THAN_ANY_RUN, 2);
    this.redis = RedisClients.connect(redis, 1);
    this.store = RedisStore.create(this.redis);
    this.keepingStore = RedisStore.builder(this.redis).failover(Failover.KEEP).build();
    this.zookeeper = ZooKeeperClient.start(setting);
    this.locks = ZooKeeperLocks.create(this.zookeeper);
    this.cache = Contestants.TIDEMARK_ZOOKEEPER.open(setting);
    this.entry = Contestants.TIDEMARK_ZOOKEEPER.entryKey(CACHED_ITEM).orElseThrow().getBytes(UTF_8);
    // As the cache does; without it, the store would read by GET.
    for (SlotStore reading : List.of(store, keepingStore)) {
      reading.limit(CACHED.cache(), LARGEST);
      reading.limit(slot(0).cache(), LARGEST);
    }
    this.payload = Payload.wrap(new byte[bytes]);
    String unused = this.zookeeper.create().forPath(WRITTEN);
    Item cached = cache.read(CACHED_ITEM);
    Verb.check(cached.id() == CACHED_ITEM);
  }

  RedisClient redis() {
    return redis;
  }

  RedisStore store() {
    return store;
  }

  /** A store that trusts entries of any lineage. */
  RedisStore keepingStore() {
    return keepingStore;
  }

  Contestant cache() {
    return cache;
  }

  /** The key in Redis of the item that is cached. */
  byte[] entry() {
    return entry;
  }

  /** A slot that only a call with this number uses. */
  static SlotKey slot(int number) {
    return new SlotKey("steps", Integer.toString(number));
  }

  void prepare(Verb verb, int first, int calls) {
    List<SlotKey> keys = IntStream.range(first, first + calls).mapToObj(StepSite::slot).toList();
    verb.prepare(store, keys, payload);
  }

  void call(Verb verb, int number) {
    Verb.check(verb.call(redis, store, slot(number), payload));
  }

  void write() throws Exception {
    Verb.check(zookeeper.setData().forPath(WRITTEN).getVersion() > 0);
  }

  /** Acquires a lock, and keeps it until {@link #releaseAll}. */
  void lock(SlotKey key) throws InterruptedException {
    LockAttempt attempt = locks.tryAcquire(key, Deadline.after(LONGER_THAN_ANY_RUN));
    held.add(((LockAttempt.Acquired) attempt).handle());
  }

  /** Releases all locks, and returns when ZooKeeper has done so. */
  void releaseAll() throws Exception {
    held.forEach(LockHandle::close);
    held.clear();
    // ZooKeeper answers a session in the order of its requests.
    Object unused = zookeeper.checkExists().forPath(WRITTEN);
  }

  @Override
  public void close() {
    cache.close();
    locks.close();
    zookeeper.close();
    redis.close();
  }
}
