package io.tidemark.bench.contestants;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.servers.RedisProgram;
import io.tidemark.servers.ZooKeeperServer;
import io.tidemark.testkit.FreePort;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each contestant does what it is measured for: otherwise a figure would be of something else. */
class ContestantsIT {
  @Test
  void eachContestant_readsOnceAndAgainAfterAChange() throws Exception {
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
                readsOnceAndAgainAfterAChange(
                    each, "127.0.0.1:" + ports.get(0), "127.0.0.1:" + zookeeper.clientPort());
              }
              return 0;
            });
  }

  private static void readsOnceAndAgainAfterAChange(
      Contestants contestant, String redis, String zookeeper) throws Exception {
    AtomicInteger loads = new AtomicInteger();
    ConcurrentMap<Integer, Item> table = new ConcurrentHashMap<>();
    Source source =
        id -> {
          loads.incrementAndGet();
          return table.computeIfAbsent(id, absent -> Item.ofSize(absent, 1, 100));
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
    }
  }
}
