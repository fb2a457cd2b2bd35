package io.tidemark.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.bench.contestants.Contestant;
import io.tidemark.bench.contestants.Contestants;
import io.tidemark.bench.contestants.Item;
import io.tidemark.bench.contestants.Setting;
import io.tidemark.bench.contestants.Source;
import io.tidemark.processes.ChildProgram;
import io.tidemark.processes.ParentWatch;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;

/**
 * A process of a fleet: one contestant, and callers that read one item at the same moment. It takes
 * commands on a port of 127.0.0.1, one line for one line, and ends with its standard input.
 *
 * <p>The command {@code <item> <moment>} lets all callers read the item at that moment, in
 * microseconds since 1970. The answer is a histogram of the callers' times in microseconds, from
 * that moment on, as {@link Histograms} writes it.
 */
public final class WorkerProgram {
  private static final Duration LONGER_THAN_ANY_RUN = Duration.ofDays(1);
  private static final int BYTES = 100;

  private final Contestant contestant;
  private final int callers;
  private final ExecutorService threads;

  private WorkerProgram(Contestant contestant, int callers) {
    this.contestant = contestant;
    this.callers = callers;
    this.threads = Executors.newFixedThreadPool(callers, WorkerProgram::daemon);
  }

  /**
   * What a worker is told when it starts.
   *
   * @param contestant what it reads
   * @param callers how many read at once
   * @param load how long a load takes
   * @param redis where Redis listens
   * @param zookeeper where ZooKeeper listens
   */
  record Options(
      Contestants contestant, int callers, Duration load, String redis, String zookeeper) {
    List<String> arguments() {
      return List.of(
          contestant.name(),
          Integer.toString(callers),
          Long.toString(load.toMillis()),
          redis,
          zookeeper);
    }

    static Options of(String[] arguments) {
      return new Options(
          Contestants.valueOf(arguments[0]),
          Integer.parseInt(arguments[1]),
          Duration.ofMillis(Long.parseLong(arguments[2])),
          arguments[3],
          arguments[4]);
    }
  }

  /** The key in Redis that counts the loads of an item. */
  static String loadsOf(int item) {
    return "bench-loads:" + item;
  }

  /** Runs a worker; {@link Options} makes the arguments. */
  public static void main(String[] arguments) {
    ChildProgram.run(() -> serve(Options.of(arguments)));
  }

  private static void serve(Options options) throws Exception {
    try (RedisClient counters =
            RedisClient.builder().hostAndPort(HostAndPort.from(options.redis())).build();
        Contestant contestant =
            options
                .contestant()
                .open(
                    new Setting(
                        options.redis(),
                        options.zookeeper(),
                        slow(options.load(), counters),
                        LONGER_THAN_ANY_RUN,
                        options.callers()));
        ServerSocket commands = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      WorkerProgram worker = new WorkerProgram(contestant, options.callers());
      daemon(() -> worker.obey(commands)).start();
      System.out.printf(
          "ready %d pid %d%n", commands.getLocalPort(), ProcessHandle.current().pid());
      ParentWatch.endOfInput().await();
    }
  }

  private static Source slow(Duration load, RedisClient counters) {
    return id -> {
      long unused = counters.incr(loadsOf(id));
      Thread.sleep(load.toMillis());
      return Item.ofSize(id, 1, BYTES);
    };
  }

  private void obey(ServerSocket commands) {
    try (Socket connection = commands.accept();
        BufferedReader in =
            new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8));
        PrintStream out = new PrintStream(connection.getOutputStream(), true, UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ", -1);
        out.println(
            Histograms.text(readTogether(Integer.parseInt(words[0]), Long.parseLong(words[1]))));
      }
    } catch (Exception e) {
      // The log will have it, and whoever waits for the answer sees the connection end.
      throw new IllegalStateException("the callers cannot read", e);
    }
  }

  private Histogram readTogether(int item, long startMicros) throws Exception {
    long start = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(startMicros - Clock.micros());
    Callable<Long> caller =
        () -> {
          TimeUnit.NANOSECONDS.sleep(start - System.nanoTime());
          Item unused = contestant.read(item);
          return TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
        };
    Histogram times = Histograms.empty();
    for (Future<Long> time : threads.invokeAll(Collections.nCopies(callers, caller))) {
      times.recordValue(time.get());
    }
    return times;
  }

  private static Thread daemon(Runnable body) {
    Thread thread = new Thread(body, "worker");
    thread.setDaemon(true);
    return thread;
  }
}
