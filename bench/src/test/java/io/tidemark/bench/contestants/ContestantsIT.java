package io.tidemark.bench.contestants;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.servers.RedisProgram;
import io.tidemark.servers.ZooKeeperServer;
import io.tidemark.testkit.FreePort;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** Each contestant does what it is measured for: otherwise a figure would be of something else. */
class ContestantsIT {
  @Test
  void eachContestant_readsOnceAndAgainAfterChangesDropsAndEvictions() throws Exception {
    int unused =
        ProcessGroup.run(
            group -> {
              List<Integer> ports =
                  Stream.generate(FreePort::any).limit(1 + ZooKeeperServer.PORTS_EACH).toList();
              ZooKeeperServer zookeeper =
                  ZooKeeperServer.startEnsemble(group, 1, ports.subList(1, ports.size())).get(0);
              Child unusedRedis = RedisProgram.unpack(group).start(group, "redis", ports.get(0));
              zookeeper.awaitListening();
              for (Contestants each : Contestants.values()) {
                readsOnceAndAgain(
                    each, "127.0.0.1:" + ports.get(0), "127.0.0.1:" + zookeeper.clientPort());
              }
              return 0;
            });
  }

  private static void evict(String entry, String redis) {
    try (RedisClient client = RedisClients.connect(redis, 1)) {
      assertThat(client.del(entry)).as(entry).isOne();
    }
  }

  private static void readsOnceAndAgain(Contestants contestant, String redis, String zookeeper)
      throws Exception {
    AtomicInteger loads = new AtomicInteger();
    ConcurrentMap<Integer, Item> table = new ConcurrentHashMap<>();
    Source source =
        new Source() {
          @Override
          public Item load(int id) {
            loads.incrementAndGet();
            return table.computeIfAbsent(id, absent -> Item.ofSize(absent, 1, 100));
          }

          @Override
          public void save(Item item) {
            table.put(item.id(), item);
          }
        };
    Setting setting = new Setting(redis, zookeeper, source, Duration.ofHours(1), 4);
    try (Contestant opened = contestant.open(setting)) {
      assertThat(opened.read(7).json()).as(contestant.title()).hasSizeBetween(90, 110);
      assertThat(opened.read(7)).as(contestant.title()).isEqualTo(table.get(7));
      assertThat(loads).as(contestant.title()).hasValue(1);

      Item changed = new Item(7, 2, "changed");
      table.put(7, changed);
      opened.changed(changed);

      assertThat(opened.read(7)).as(contestant.title()).isEqualTo(changed);

      Item updated = new Item(7, 3, "updated");
      opened.update(updated);

      assertThat(table).as(contestant.title()).containsEntry(7, updated);
      assertThat(opened.read(7)).as(contestant.title()).isEqualTo(updated);

      int loadsBefore = loads.get();
      opened.drop(7);

      assertThat(opened.readAll(Set.of(7, 8))).as(contestant.title()).isEqualTo(table);
      assertThat(opened.readAll(Set.of(7, 8))).as(contestant.title()).isEqualTo(table);
      assertThat(loads).as(contestant.title()).hasValue(loadsBefore + 2);

      Optional<String> entry = contestant.entryKey(7);
      if (entry.isPresent()) {
        int before = loads.get();
        evict(entry.get(), redis);
        assertThat(opened.read(7)).as(contestant.title()).isEqualTo(updated);
        assertThat(loads).as(contestant.title()).hasValue(before + 1);
      }
    }
  }
}
