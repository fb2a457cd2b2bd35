package io.tidemark.bench;

import io.tidemark.bench.Sample.Quantity;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Measures by JMH, and keeps what it has to say about each run. */
final class JmhMeter {
  private static final String BYTES = "gc.alloc.rate.norm";

  private final BenchServers servers;
  private final Effort effort;
  private final Path raw;

  /**
   * A meter.
   *
   * @param raw a folder, to which it writes JMH's results as JSON, and what JMH has printed
   */
  JmhMeter(BenchServers servers, Effort effort, Path raw) {
    this.servers = servers;
    this.effort = effort;
    this.raw = raw;
  }

  Sample measure(String name, JmhRun run) throws Exception {
    RunResult result = servers.during(() -> new Runner(options(name, run).build()).runSingle());
    Result<?> bytes =
        Objects.requireNonNull(result.getSecondaryResults().get(BYTES), "the profiler's result");
    return new Sample(
        Map.of(
            Quantity.MICROS,
            run.perCall(result.getPrimaryResult().getScore()),
            Quantity.BYTES,
            run.perCall(bytes.getScore())));
  }

  private ChainedOptionsBuilder options(String name, JmhRun run) {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + Pattern.quote(run.benchmark()) + "$")
            .threads(run.threads())
            .forks(effort.forks())
            // In place of those of this virtual machine.
            .jvmArgs(effort.options().toArray(String[]::new))
            .warmupIterations(effort.warmups())
            .warmupTime(effort.iteration())
            .measurementIterations(effort.iterations())
            .measurementTime(effort.iteration())
            .addProfiler(GCProfiler.class)
            .shouldFailOnError(true)
            .param("redis", servers.redis())
            .param("zookeeper", servers.zookeeper())
            .output(raw.resolve(name + ".log").toString())
            .resultFormat(ResultFormatType.JSON)
            .result(raw.resolve(name + ".json").toString());
    effort.mode().ifPresent(options::mode);
    run.parameters().forEach(options::param);
    return options;
  }
}
