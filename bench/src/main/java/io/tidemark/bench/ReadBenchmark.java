package io.tidemark.bench;

import io.tidemark.bench.contestants.Contestant;
import io.tidemark.bench.contestants.Contestants;
import io.tidemark.bench.contestants.Item;
import io.tidemark.bench.contestants.Setting;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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

/** Reads of a contestant, from a source that takes no time. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ReadBenchmark {
  private static final int CACHED_ITEMS = 100;
  private static final Duration LONGER_THAN_ANY_RUN = Duration.ofDays(1);
  private static final int CONNECTIONS = 64;

  /** The contestant that reads. */
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

  private final AtomicInteger nextNew = new AtomicInteger(CACHED_ITEMS);
  private Contestant opened;

  /** Connects the contestant, and lets it cache some items. */
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
    for (int id = 0; id < CACHED_ITEMS; id++) {
      Item unused = opened.read(id);
    }
  }

  /** Reads an item that is cached. */
  @Benchmark
  public Item hit() throws Exception {
    return opened.read(ThreadLocalRandom.current().nextInt(CACHED_ITEMS));
  }

  /** Reads an item that nobody has read before. */
  @Benchmark
  public Item miss() throws Exception {
    return opened.read(nextNew.getAndIncrement());
  }

  /** Disconnects the contestant. */
  @TearDown(Level.Trial)
  public void close() {
    opened.close();
  }
}
