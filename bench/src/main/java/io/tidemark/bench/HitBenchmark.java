package io.tidemark.bench;

import io.tidemark.bench.contestants.Contestant;
import io.tidemark.bench.contestants.Contestants;
import io.tidemark.bench.contestants.Item;
import io.tidemark.bench.contestants.Setting;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Reads of items that are cached. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class HitBenchmark {
  private static final int ITEMS = 100;
  private static final Duration LONGER_THAN_ANY_RUN = Duration.ofDays(1);
  private static final int CONNECTIONS = 64;

  /** Whose reads are measured. */
  @Param("RAW_JEDIS")
  public Contestants contestant = Contestants.RAW_JEDIS;

  /** How long the JSON of an item is. */
  @Param("100")
  public int bytes;

  /** Where Redis listens. */
  @Param("127.0.0.1:6379")
  public String redis = "";

  /** Where ZooKeeper listens. */
  @Param("127.0.0.1:2181")
  public String zookeeper = "";

  private Contestant opened = new Absent();

  /** Nobody, before the setup. */
  private static final class Absent implements Contestant {
    @Override
    public Item read(int id) {
      throw new IllegalStateException("nobody was set up");
    }

    @Override
    public void changed(Item item) {}

    @Override
    public void close() {}
  }

  /** Connects the contestant, and lets it cache all items. */
  @Setup(Level.Trial)
  public void open() throws Exception {
    opened =
        contestant.open(
            new Setting(
                redis,
                zookeeper,
                id -> Item.ofSize(id, 1, bytes),
                LONGER_THAN_ANY_RUN,
                CONNECTIONS));
    for (int id = 0; id < ITEMS; id++) {
      Item unused = opened.read(id);
    }
  }

  /** Reads one of them. */
  @Benchmark
  public Item hit() throws Exception {
    return opened.read(ThreadLocalRandom.current().nextInt(ITEMS));
  }

  /** Disconnects the contestant. */
  @TearDown(Level.Trial)
  public void close() {
    opened.close();
  }
}
