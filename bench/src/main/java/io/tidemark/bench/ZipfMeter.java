package io.tidemark.bench;

import io.tidemark.bench.Sample.Quantity;
import io.tidemark.bench.contestants.RedisClients;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ThisJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import redis.clients.jedis.RedisClient;

/**
 * Finds how much a contestant reads when it is always asked, and how long reads take when it is
 * asked for a part of that, by a plan that does not wait for it.
 */
final class ZipfMeter {
  private static final int PROCESSES = 2;
  private static final double HITS = 0.95;
  private static final double HUNDRED = 100;
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final double MICROS_PER_SECOND = TimeUnit.SECONDS.toMicros(1);

  /** From the command to the first read: enough for every process to have heard it. */
  private static final long LEAD_MICROS = TimeUnit.MILLISECONDS.toMicros(100);

  private static final Size FULL = new Size(500, 20_000);
  private static final Size SMOKE = new Size(10, 100);

  private final ProcessGroup group;
  private final BenchServers servers;
  private final Size size;
  private final Path raw;

  /** The life of an entry, in reads of any item. */
  private final double readsInLife;

  private long seed;

  /**
   * A meter.
   *
   * @param raw a folder, to which it writes a line for each run, with its histogram
   */
  ZipfMeter(ProcessGroup group, BenchServers servers, Effort effort, Path raw) {
    this.group = group;
    this.servers = servers;
    this.size = effort.equals(Effort.SMOKE) ? SMOKE : FULL;
    this.raw = raw;
    this.readsInLife = new Zipf(size.items()).readsInLife(HITS);
  }

  /**
   * How much is read.
   *
   * @param items how many there are
   * @param reads how many each process makes at a stretch
   */
  private record Size(int items, int reads) {}

  Sample measure(String name, ZipfRun run) throws Exception {
    return servers.during(
        () -> {
          List<Worker> workers =
              Worker.start(
                  group,
                  PROCESSES,
                  ThisJvm.program(ZipfProgram.class.getName()),
                  new ZipfProgram.Options(
                          run.contestant(), size.items(), servers.redis(), servers.zookeeper())
                      .arguments());
          double capacity = capacity(workers, run);
          double rate = capacity * run.percent() / HUNDRED;
          open(workers, run, rate);
          // Entries expire evenly once they are older than they live.
          Paced unused = paced(workers, rate, warmUp());
          Paced paced = paced(workers, rate, size.reads());
          for (Worker worker : workers) {
            worker.end();
          }
          Files.writeString(
              raw.resolve(name + ".txt"),
              "%.0f reads a second in a closed loop, %d loads, %s%n"
                  .formatted(capacity, paced.loads(), Histograms.text(paced.times())));
          return sample(capacity, paced);
        });
  }

  /** Reads a second. The life of entries depends on it, and it on that: so both are found twice. */
  private double capacity(List<Worker> workers, ZipfRun run) throws IOException {
    double capacity = closed(workers, size.reads());
    for (int i = 0; i < 2; i++) {
      open(workers, run, capacity);
      closed(workers, warmUp());
      capacity = closed(workers, size.reads());
    }
    return capacity;
  }

  private int warmUp() {
    return (int) (2 * readsInLife / PROCESSES);
  }

  /** Empties the cache, and lets entries live as long as the hits need that are wanted. */
  private void open(List<Worker> workers, ZipfRun run, double rate) throws IOException {
    try (RedisClient redis = RedisClients.connect(servers.redis(), 1)) {
      redis.flushAll();
    }
    boolean isShared = run.contestant().entryKey(0).isPresent();
    double ratePerCache = isShared ? rate : rate / PROCESSES;
    long lifeMillis = Math.max(1, Math.round(1_000 * readsInLife / ratePerCache));
    for (Worker worker : workers) {
      worker.send(ZipfProgram.OPEN + " " + lifeMillis);
    }
    for (Worker worker : workers) {
      String unused = worker.answer();
    }
  }

  private double closed(List<Worker> workers, int reads) throws IOException {
    for (Worker worker : workers) {
      worker.send("%s %d %d".formatted(ZipfProgram.CLOSED, seed++, reads));
    }
    double rate = 0;
    for (Worker worker : workers) {
      rate += NANOS_PER_SECOND * reads / Long.parseLong(worker.answer());
    }
    return rate;
  }

  /**
   * What came of reads at a rate.
   *
   * @param loads how many of them loaded their item
   * @param times from when each was planned
   */
  record Paced(long loads, Histogram times) {}

  private Paced paced(List<Worker> workers, double rate, int reads) throws IOException {
    long intervalNanos = Math.round(NANOS_PER_SECOND * PROCESSES / rate);
    long startMicros = Clock.micros() + LEAD_MICROS;
    for (int i = 0; i < workers.size(); i++) {
      long offsetMicros = TimeUnit.NANOSECONDS.toMicros(intervalNanos * i / PROCESSES);
      workers
          .get(i)
          .send(
              "%s %d %d %d %d"
                  .formatted(
                      ZipfProgram.PACED, seed++, reads, startMicros + offsetMicros, intervalNanos));
    }
    long loads = 0;
    Histogram times = Histograms.empty();
    for (Worker worker : workers) {
      String[] words = worker.answer().split(" ", -1);
      loads += Long.parseLong(words[0]);
      times.add(Histograms.of(words[1]));
    }
    return new Paced(loads, times);
  }

  /** The figures of a run. */
  static Sample sample(double capacity, Paced paced) {
    Histogram times = paced.times();
    return new Sample(
        Map.of(
            Quantity.MICROS,
            MICROS_PER_SECOND / capacity,
            Quantity.P50_MICROS,
            (double) times.getValueAtPercentile(50),
            Quantity.P99_MICROS,
            (double) times.getValueAtPercentile(99),
            Quantity.P999_MICROS,
            (double) times.getValueAtPercentile(99.9),
            Quantity.HITS,
            HUNDRED * (times.getTotalCount() - paced.loads()) / times.getTotalCount()));
  }
}
