package io.tidemark.bench.contestants;

import java.util.List;
import java.util.Objects;
import org.redisson.api.RMapCache;
import org.redisson.api.RedissonClient;
import org.redisson.api.map.MapLoader;
import org.redisson.api.options.MapCacheOptions;

/** Redisson's read-through map. Entries that it loads itself have no time to live. */
final class RedissonMap implements Contestant {
  private final RedissonClient redisson;
  private final RMapCache<String, Item> map;

  RedissonMap(Setting setting) {
    this.redisson = RedissonClients.connect(setting);
    this.map =
        redisson.getMapCache(
            MapCacheOptions.<String, Item>name("redisson-map")
                .loader(new Loader(setting.source())));
  }

  private record Loader(Source source) implements MapLoader<String, Item> {
    @Override
    public Item load(String key) {
      try {
        return source.load(Integer.parseInt(key));
      } catch (Exception e) {
        throw new IllegalStateException("item " + key + " cannot be loaded", e);
      }
    }

    @Override
    public Iterable<String> loadAllKeys() {
      return List.of();
    }
  }

  @Override
  public Item read(int id) {
    return Objects.requireNonNull(map.get(Integer.toString(id)), "the loader gives no null");
  }

  @Override
  public void changed(Item item) {
    map.fastRemove(Integer.toString(item.id()));
  }

  @Override
  public void close() {
    redisson.shutdown();
  }
}
