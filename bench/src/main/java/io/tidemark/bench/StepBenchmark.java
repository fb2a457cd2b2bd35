package io.tidemark.bench;

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

/** One step of a read, again and again. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class StepBenchmark {
  /** What is done. */
  @Param("ROUND_TRIP")
  public Step step = Step.ROUND_TRIP;

  /** How often. */
  @Param("5000")
  public int calls;

  /** How long the JSON of an item is. */
  @Param("100")
  public int bytes;

  /** Where Redis listens. */
  @Param("127.0.0.1:6379")
  public String redis = "";

  /** Where ZooKeeper listens. */
  @Param("127.0.0.1:2181")
  public String zookeeper = "";

  private StepSite site;
  private int next;

  /** Connects. */
  @Setup(Level.Trial)
  public void open() throws Exception {
    site = new StepSite(redis, zookeeper, bytes);
  }

  /** Prepares the calls. */
  @Setup(Level.Iteration)
  public void prepare() {
    step.prepare(site, next, calls);
  }

  /** Calls it for the next numbers. */
  @Benchmark
  public void callForEachNumber() throws Exception {
    for (int number = next; number < next + calls; number++) {
      step.call(site, number);
    }
  }

  /** Tidies up. */
  @TearDown(Level.Iteration)
  public void tidy() throws Exception {
    next += calls;
    site.releaseAll();
  }

  /** Disconnects. */
  @TearDown(Level.Trial)
  public void close() {
    site.close();
  }
}
