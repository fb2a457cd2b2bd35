package io.tidemark.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.bench.Sample.Quantity;
import io.tidemark.bench.contestants.Item;
import io.tidemark.bench.contestants.RedisClients;
import io.tidemark.processes.ProcessGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import redis.clients.jedis.RedisClient;

/** Lets a process read many keys, and finds what it and Redis keep of them. */
final class MemoryMeter {
  private static final int ALL_FIELDS = 0;

  private final ProcessGroup group;
  private final BenchServers servers;
  private final Effort effort;

  MemoryMeter(ProcessGroup group, BenchServers servers, Effort effort) {
    this.group = group;
    this.servers = servers;
    this.effort = effort;
  }

  Sample measure(MemoryRun run) throws Exception {
    return servers.during(
        () -> {
          Worker worker =
              Worker.start(
                      group,
                      1,
                      new WorkerProgram.Options(
                          run.contestant(), 1, Duration.ZERO, servers.redis(), servers.zookeeper()))
                  .get(0);
          Sample sample = sample(worker);
          worker.end();
          return sample;
        });
  }

  private Sample sample(Worker worker) throws IOException {
    // As many before, after which a process keeps what it keeps of no key.
    int all = 2 * effort.entries();
    long before = worker.readEach(0, effort.entries());
    long after = worker.readEach(effort.entries(), all);
    Map<Quantity, Double> values = new EnumMap<>(Quantity.class);
    values.put(Quantity.HEAP_BYTES, (double) (after - before) / effort.entries());
    values.putAll(inRedis(all));
    return new Sample(values);
  }

  private Map<Quantity, Double> inRedis(int entries) {
    try (RedisClient redis = RedisClients.connect(servers.redis(), 1)) {
      long bytes = 0;
      long told = 0;
      for (String key : redis.keys("*")) {
        bytes += redis.memoryUsage(key, ALL_FIELDS);
        told += redis.type(key).equals("hash") ? length(redis.hkeys(key)) : length(Set.of(key));
      }
      if (bytes > 0) {
        told += lengthOfJson(entries);
      }
      return Map.of(
          Quantity.ENTRY_BYTES,
          (double) bytes / entries,
          Quantity.EXTRA_BYTES,
          (double) (bytes - told) / entries);
    }
  }

  private static long lengthOfJson(int entries) {
    return IntStream.range(0, entries)
        .mapToLong(id -> Item.ofSize(id, 1, WorkerProgram.BYTES).json().length)
        .sum();
  }

  private static long length(Collection<String> keys) {
    return keys.stream().mapToLong(key -> key.getBytes(UTF_8).length).sum();
  }
}
