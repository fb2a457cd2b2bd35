package io.tidemark.bench;

import io.tidemark.bench.contestants.Contestant;
import io.tidemark.bench.contestants.Contestants;
import io.tidemark.bench.contestants.Item;
import io.tidemark.bench.contestants.Setting;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
import org.openjdk.jmh.infra.Blackhole;

/** Reads and updates of a contestant, with a source that takes no time. */
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

  private static final Set<Integer> CACHED =
      IntStream.range(0, CACHED_ITEMS).boxed().collect(Collectors.toUnmodifiableSet());

  private final AtomicInteger nextNew = new AtomicInteger(CACHED_ITEMS);
  private final AtomicInteger nextVersion = new AtomicInteger(2);
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
    for (int id : CACHED) {
      Item unused = opened.read(id);
    }
  }

  /** Items that are known, and not cached. */
  @State(Scope.Benchmark)
  public static class Dropped {
    /** How many there are: so often an item is read. */
    @Param("100")
    public int dropped;

    /** Has each of them read, and drops it. */
    @Setup(Level.Iteration)
    public void drop(ReadBenchmark benchmark) throws Exception {
      for (int id = 0; id < dropped; id++) {
        Item unused = benchmark.opened.read(id);
        benchmark.opened.drop(id);
      }
    }
  }

  /** Reads an item that is cached. */
  @Benchmark
  public Item hit() throws Exception {
    return opened.read(ThreadLocalRandom.current().nextInt(CACHED_ITEMS));
  }

  /** Reads all that are cached at once. */
  @Benchmark
  public Map<Integer, Item> hits() throws Exception {
    return opened.readAll(CACHED);
  }

  /** Reads an item that nobody has read before. */
  @Benchmark
  public Item miss() throws Exception {
    return opened.read(nextNew.getAndIncrement());
  }

  /** Reads each of the items that were dropped. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  public void missEachDropped(Dropped dropped, Blackhole blackhole) throws Exception {
    for (int id = 0; id < dropped.dropped; id++) {
      blackhole.consume(opened.read(id));
    }
  }

  /** Changes an item that is cached. */
  @Benchmark
  public void update() throws Exception {
    int version = nextVersion.getAndIncrement();
    opened.update(Item.ofSize(version % CACHED_ITEMS, version, bytes));
  }

  /** Disconnects the contestant. */
  @TearDown(Level.Trial)
  public void close() {
    opened.close();
  }
}
