package io.tidemark.bench.contestants;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.redisson.api.RMapCache;
import org.redisson.api.RedissonClient;
import org.redisson.api.map.MapLoader;
import org.redisson.api.map.MapWriter;
import org.redisson.api.options.MapCacheOptions;

/**
 * Redisson's map, read-through and write-through. Entries that it loads itself have no time to
 * live.
 */
final class RedissonMap implements Contestant {
  private final RedissonClient redisson;
  private final RMapCache<String, Item> map;

  RedissonMap(Setting setting) {
    this.redisson = RedissonClients.connect(setting);
    this.map =
        redisson.getMapCache(
            MapCacheOptions.<String, Item>name("redisson-map")
                .loader(new Loader(setting.source()))
                .writer(new Writer(setting.source())));
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

  private record Writer(Source source) implements MapWriter<String, Item> {
    @Override
    public void write(Map<String, Item> items) {
      try {
        for (Item item : items.values()) {
          source.save(item);
        }
      } catch (Exception e) {
        throw new IllegalStateException("items cannot be saved: " + items.keySet(), e);
      }
    }

    @Override
    public void delete(Collection<String> keys) {
      // Entries are dropped here, and no item is deleted.
    }
  }

  @Override
  public Item read(int id) {
    return Objects.requireNonNull(map.get(Integer.toString(id)), "the loader gives no null");
  }

  @Override
  public Map<Integer, Item> readAll(Set<Integer> ids) {
    Map<Integer, Item> items = new HashMap<>();
    map.getAll(ids.stream().map(Object::toString).collect(Collectors.toSet()))
        .values()
        .forEach(item -> items.put(item.id(), item));
    return items;
  }

  @Override
  public void drop(int id) {
    map.fastRemove(Integer.toString(id));
  }

  @Override
  public void update(Item item) {
    map.fastPut(Integer.toString(item.id()), item);
  }

  @Override
  public void close() {
    redisson.shutdown();
  }
}
