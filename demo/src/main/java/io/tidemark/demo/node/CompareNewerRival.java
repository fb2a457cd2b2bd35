package io.tidemark.demo.node;

import io.tidemark.Row;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.UnifiedJedis;

/**
 * A lock in ZooKeeper, and a script that stores only what is newer, by the database's timestamp.
 * While the newer product is there, an older one is refused. Once it was evicted there is nothing
 * to compare with, and the older one is stored.
 */
final class CompareNewerRival implements Rival {
  private static final int LOCK_SECONDS = 10;

  private final UnifiedJedis redis;
  private final CuratorFramework zookeeper;
  private final RivalEntries entries;
  private final SlowSource source;
  private final Products products;
  private final String script = script();

  CompareNewerRival(
      UnifiedJedis redis, CuratorFramework zookeeper, SlowSource source, Products products) {
    this.redis = redis;
    this.zookeeper = zookeeper;
    this.entries = new RivalEntries(redis, "compare-newer");
    this.source = source;
    this.products = products;
  }

  @Override
  public Answer read(ProductRead read) throws Exception {
    String cached = cached(read.id());
    if (cached != null) {
      return Answer.cached(RivalEntries.row(cached));
    }
    InterProcessMutex mutex = new InterProcessMutex(zookeeper, "/rival/locks/" + read.id());
    if (!mutex.acquire(LOCK_SECONDS, TimeUnit.SECONDS)) {
      throw new TimeoutException("the lock was not free within " + LOCK_SECONDS + " s");
    }
    try {
      cached = cached(read.id());
      if (cached != null) {
        return new Answer(RivalEntries.row(cached), "cache (after wait)", true, 0);
      }
      Row<Product> row = source.load(read);
      storeIfNewer(read.id(), row);
      return new Answer(row, "database (lock holder)", true, 0);
    } finally {
      mutex.release();
    }
  }

  @Override
  public Row<Product> update(long id, ProductFields fields) throws Exception {
    Row<Product> row = products.update(id, fields);
    storeIfNewer(id, row);
    return row;
  }

  private @Nullable String cached(long id) {
    return redis.hget(entries.key(id), "payload");
  }

  private void storeIfNewer(long id, Row<Product> row) throws IOException {
    if (row instanceof Row.Present<Product> present) {
      String version = "%019d".formatted(present.rowVersion());
      redis.eval(
          script, List.of(entries.key(id)), List.of(version, RivalEntries.json(present.value())));
    }
  }

  private static String script() {
    try (InputStream in = CompareNewerRival.class.getResourceAsStream("compare-newer.lua")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
