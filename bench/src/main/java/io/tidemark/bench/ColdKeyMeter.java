package io.tidemark.bench;

import io.tidemark.bench.Sample.Quantity;
import io.tidemark.bench.ServerCounts.Counts;
import io.tidemark.processes.ProcessGroup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Starts the processes of a run, lets them read cold keys, and keeps the callers' times and the
 * servers' counts.
 */
final class ColdKeyMeter {
  private static final Duration LOAD = Duration.ofMillis(100);

  /** From the command to the first call: enough for every worker to have heard it. */
  private static final long LEAD_MICROS = TimeUnit.MILLISECONDS.toMicros(100);

  private final ProcessGroup group;
  private final BenchServers servers;
  private final Effort effort;
  private final Path raw;

  /**
   * A meter.
   *
   * @param raw a folder, to which it writes a line for each key, with the callers' histogram
   */
  ColdKeyMeter(ProcessGroup group, BenchServers servers, Effort effort, Path raw) {
    this.group = group;
    this.servers = servers;
    this.effort = effort;
    this.raw = raw;
  }

  Sample measure(String name, ColdKeyRun run) throws Exception {
    return servers.during(
        () -> {
          List<Worker> workers =
              Worker.start(
                  group,
                  run.processes(),
                  new WorkerProgram.Options(
                      run.contestant(), run.callers(), LOAD, servers.redis(), servers.zookeeper()));
          List<ColdKey> keys = new ArrayList<>();
          try (ServerCounts counts = new ServerCounts(servers)) {
            // Half as many before, to warm up.
            for (int item = -effort.keys() / 2; item < effort.keys(); item++) {
              ColdKey key = read(item, workers, counts);
              if (item >= 0) {
                keys.add(key);
              }
            }
          }
          for (Worker worker : workers) {
            worker.end();
          }
          Files.write(raw.resolve(name + ".txt"), keys.stream().map(ColdKey::line).toList());
          return sample(keys, LOAD);
        });
  }

  /**
   * What became of one key.
   *
   * @param loads how often it was loaded
   * @param counts what the servers did for it
   * @param times of its callers in microseconds
   */
  record ColdKey(int loads, Counts counts, Histogram times) {
    String line() {
      return "%d loads, %d requests to ZooKeeper, %d writes, %d commands of Redis, %s"
          .formatted(
              loads, counts.requests(), counts.writes(), counts.commands(), Histograms.text(times));
    }
  }

  /** What all keys came to. */
  static Sample sample(List<ColdKey> keys, Duration load) {
    long loadMicros = TimeUnit.NANOSECONDS.toMicros(load.toNanos());
    Histogram all = Histograms.empty();
    List<Double> lasts = new ArrayList<>();
    Map<Quantity, Double> means = new EnumMap<>(Quantity.class);
    for (ColdKey key : keys) {
      all.add(key.times());
      lasts.add((double) key.times().getMaxValue() - loadMicros);
      Map.of(
              Quantity.LOADS, (long) key.loads(),
              Quantity.ZOOKEEPER_REQUESTS, key.counts().requests(),
              Quantity.ZOOKEEPER_WRITES, key.counts().writes(),
              Quantity.REDIS_COMMANDS, key.counts().commands())
          .forEach(
              (quantity, count) ->
                  means.merge(quantity, (double) count / keys.size(), Double::sum));
    }
    means.put(Quantity.LAST_MICROS, Spread.of(lasts).median());
    means.put(Quantity.MEDIAN_MICROS, (double) all.getValueAtPercentile(50) - loadMicros);
    return new Sample(means);
  }

  private static ColdKey read(int item, List<Worker> workers, ServerCounts counts)
      throws Exception {
    Counts before = counts.read();
    long start = Clock.micros() + LEAD_MICROS;
    for (Worker worker : workers) {
      worker.readTogether(item, start);
    }
    int loads = 0;
    Histogram times = Histograms.empty();
    for (Worker worker : workers) {
      Worker.Callers callers = worker.callers();
      loads += callers.loads();
      times.add(callers.times());
    }
    counts.awaitNoLock();
    return new ColdKey(loads, counts.read().since(before), times);
  }
}
