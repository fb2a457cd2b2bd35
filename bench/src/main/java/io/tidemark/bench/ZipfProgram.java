package io.tidemark.bench;

import io.tidemark.bench.contestants.Contestant;
import io.tidemark.bench.contestants.Contestants;
import io.tidemark.bench.contestants.Item;
import io.tidemark.bench.contestants.Setting;
import io.tidemark.processes.ChildProgram;
import io.tidemark.processes.ParentWatch;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;

/**
 * A process of a fleet whose callers read items by {@link Zipf}. It takes commands as {@link
 * WorkerProgram} does.
 *
 * <ul>
 *   <li>{@value #OPEN}{@code <life>}: opens the contestant anew, with entries that live so many
 *       milliseconds. The answer is {@code done}.
 *   <li>{@value #CLOSED}{@code <seed> <reads>}: each caller begins its next read when the one
 *       before has ended. The answer is how many nanoseconds the reads took.
 *   <li>{@value #PACED}{@code <seed> <reads> <start> <interval>}: the reads are planned at a
 *       moment, in microseconds since 1970, and then at intervals in nanoseconds. A read for which
 *       no caller is free begins later, and counts from when it was planned. The answer is the
 *       number of loads, and a histogram of microseconds.
 * </ul>
 */
public final class ZipfProgram {
  static final String OPEN = "open";
  static final String CLOSED = "closed";
  static final String PACED = "paced";

  /** Enough to be waiting for many loads at once. */
  private static final int CALLERS = 32;

  private static final int LOAD_MILLIS = 5;

  private final Options options;
  private final Zipf zipf;
  private final LongAdder loads = new LongAdder();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(CALLERS, WorkerProgram::daemon);
  private Contestant contestant;

  private ZipfProgram(Options options) {
    this.options = options;
    this.zipf = new Zipf(options.items());
    this.contestant = open(Duration.ofDays(1));
  }

  /**
   * What a process is told when it starts.
   *
   * @param contestant what it reads
   * @param items how many there are
   * @param redis where Redis listens
   * @param zookeeper where ZooKeeper listens
   */
  record Options(Contestants contestant, int items, String redis, String zookeeper) {
    List<String> arguments() {
      return List.of(contestant.name(), Integer.toString(items), redis, zookeeper);
    }

    static Options of(String[] arguments) {
      return new Options(
          Contestants.valueOf(arguments[0]),
          Integer.parseInt(arguments[1]),
          arguments[2],
          arguments[3]);
    }
  }

  /** Runs a process; {@link Options} makes the arguments. */
  public static void main(String[] arguments) {
    ChildProgram.run(() -> serve(new ZipfProgram(Options.of(arguments))));
  }

  private static void serve(ZipfProgram program) throws Exception {
    try (ServerSocket commands = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      WorkerProgram.daemon(() -> WorkerProgram.obey(commands, program::answer)).start();
      System.out.printf(
          "ready %d pid %d%n", commands.getLocalPort(), ProcessHandle.current().pid());
      ParentWatch.endOfInput().await();
    }
  }

  private Contestant open(Duration life) {
    return options
        .contestant()
        .open(new Setting(options.redis(), options.zookeeper(), this::load, life, CALLERS));
  }

  private Item load(int id) throws InterruptedException {
    loads.increment();
    Thread.sleep(LOAD_MILLIS);
    return Item.ofSize(id, 1, WorkerProgram.BYTES);
  }

  private String answer(String... command) throws Exception {
    switch (command[0]) {
      case OPEN -> {
        contestant.close();
        contestant = open(Duration.ofMillis(Long.parseLong(command[1])));
        return "done";
      }
      case CLOSED -> {
        long beganNanos = System.nanoTime();
        read(Long.parseLong(command[1]), Integer.parseInt(command[2]), number -> beganNanos);
        return Long.toString(System.nanoTime() - beganNanos);
      }
      default -> {
        long start =
            System.nanoTime()
                + TimeUnit.MICROSECONDS.toNanos(Long.parseLong(command[3]) - Clock.micros());
        long interval = Long.parseLong(command[4]);
        loads.reset();
        Histogram times =
            read(
                Long.parseLong(command[1]),
                Integer.parseInt(command[2]),
                number -> start + number * interval);
        return loads.sum() + " " + Histograms.text(times);
      }
    }
  }

  private interface Plan {
    /** When the n-th read is to begin, on the clock of {@link System#nanoTime}. */
    long nanos(int number);
  }

  private Histogram read(long seed, int reads, Plan plan) throws Exception {
    SplittableRandom seeds = new SplittableRandom(seed);
    AtomicInteger next = new AtomicInteger();
    List<Callable<Histogram>> callers = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      SplittableRandom random = seeds.split();
      callers.add(
          () -> {
            Histogram times = Histograms.empty();
            for (int n = next.getAndIncrement(); n < reads; n = next.getAndIncrement()) {
              long planned = plan.nanos(n);
              TimeUnit.NANOSECONDS.sleep(planned - System.nanoTime());
              Item unused = contestant.read(zipf.next(random));
              times.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - planned));
            }
            return times;
          });
    }
    Histogram all = Histograms.empty();
    for (Future<Histogram> times : threads.invokeAll(callers)) {
      all.add(times.get());
    }
    return all;
  }
}
