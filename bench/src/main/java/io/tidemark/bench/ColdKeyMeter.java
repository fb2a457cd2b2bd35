package io.tidemark.bench;

import io.tidemark.bench.Sample.Quantity;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.processes.ThisJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;

/** Starts the processes of a run, lets them read cold keys, and keeps the callers' times. */
final class ColdKeyMeter {
  private static final Duration LOAD = Duration.ofMillis(100);
  private static final int HEAP_MEGABYTES = 128;

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
          List<Worker> workers = start(run);
          List<ColdKey> keys = new ArrayList<>();
          try (RedisClient counters =
              RedisClient.builder().hostAndPort(HostAndPort.from(servers.redis())).build()) {
            // Half as many before, to warm up.
            for (int item = -effort.keys() / 2; item < effort.keys(); item++) {
              ColdKey key = read(item, workers, counters);
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
   * @param times of its callers in microseconds
   */
  record ColdKey(int loads, Histogram times) {
    String line() {
      return loads + " " + Histograms.text(times);
    }
  }

  /** What all keys came to. */
  static Sample sample(List<ColdKey> keys, Duration load) {
    long loadMicros = TimeUnit.NANOSECONDS.toMicros(load.toNanos());
    Histogram all = Histograms.empty();
    List<Double> lasts = new ArrayList<>();
    double loads = 0;
    for (ColdKey key : keys) {
      all.add(key.times());
      lasts.add((double) key.times().getMaxValue() - loadMicros);
      loads += key.loads();
    }
    return new Sample(
        Map.of(
            Quantity.LOADS,
            loads / keys.size(),
            Quantity.LAST_MICROS,
            Spread.of(lasts).median(),
            Quantity.MEDIAN_MICROS,
            (double) all.getValueAtPercentile(50) - loadMicros));
  }

  private List<Worker> start(ColdKeyRun run) throws Exception {
    WorkerProgram.Options options =
        new WorkerProgram.Options(
            run.contestant(), run.callers(), LOAD, servers.redis(), servers.zookeeper());
    List<CompletableFuture<ReadyChild>> starting = new ArrayList<>();
    for (int number = 1; number <= run.processes(); number++) {
      starting.add(
          group.startJava(
              "worker " + number,
              HEAP_MEGABYTES,
              ThisJvm.program(WorkerProgram.class.getName()),
              options.arguments()));
    }
    List<Worker> workers = new ArrayList<>();
    for (CompletableFuture<ReadyChild> each : starting) {
      workers.add(Worker.connect(group, group.await(each)));
    }
    return workers;
  }

  private static ColdKey read(int item, List<Worker> workers, RedisClient counters)
      throws Exception {
    long start = Clock.micros() + LEAD_MICROS;
    workers.forEach(worker -> worker.read(item, start));
    Histogram times = Histograms.empty();
    for (Worker worker : workers) {
      times.add(worker.times());
    }
    String loads = counters.get(WorkerProgram.loadsOf(item));
    return new ColdKey(loads == null ? 0 : Integer.parseInt(loads), times);
  }
}
