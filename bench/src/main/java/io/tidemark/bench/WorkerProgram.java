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
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * A process of a fleet: one contestant, and callers of it. It takes commands on a port of
 * 127.0.0.1, one line for one line, and ends with its standard input.
 *
 * <p>{@value #TOGETHER}{@code <item> <moment>} lets all callers read the item at that moment, in
 * microseconds since 1970. The answer is the number of loads, and a histogram of the callers' times
 * in microseconds, from that moment on, as {@link Histograms} writes it.
 *
 * <p>{@value #EACH}{@code <first> <end>} reads the items of these numbers, one after the other and
 * without the last. The answer is how many bytes of the heap are then in use.
 *
 * <p>An answer that begins with {@value #FAILED} says why a read has failed.
 */
public final class WorkerProgram {
  static final String TOGETHER = "together";
  static final String EACH = "each";
  static final String FAILED = "failed: ";

  /** How long the JSON of each item is. */
  static final int BYTES = 100;

  private static final Duration LONGER_THAN_ANY_RUN = Duration.ofDays(1);

  /** What a cleaner has freed is collected by the next one. */
  private static final int COLLECTIONS = 2;

  private final Contestant contestant;
  private final int callers;
  private final ExecutorService threads;
  private final AtomicInteger loads;

  private WorkerProgram(Contestant contestant, int callers, AtomicInteger loads) {
    this.contestant = contestant;
    this.callers = callers;
    this.loads = loads;
    this.threads = Executors.newFixedThreadPool(callers, WorkerProgram::daemon);
  }

  /**
   * What a worker is told when it starts.
   *
   * @param contestant what it reads
   * @param callers how many may read at once
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

  /** Runs a worker; {@link Options} makes the arguments. */
  public static void main(String[] arguments) {
    ChildProgram.run(() -> serve(Options.of(arguments)));
  }

  private static void serve(Options options) throws Exception {
    AtomicInteger loads = new AtomicInteger();
    try (Contestant contestant =
            options
                .contestant()
                .open(
                    new Setting(
                        options.redis(),
                        options.zookeeper(),
                        counted(loads, options.load()),
                        LONGER_THAN_ANY_RUN,
                        options.callers()));
        ServerSocket commands = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      WorkerProgram worker = new WorkerProgram(contestant, options.callers(), loads);
      daemon(() -> obey(commands, worker::answer)).start();
      System.out.printf(
          "ready %d pid %d%n", commands.getLocalPort(), ProcessHandle.current().pid());
      ParentWatch.endOfInput().await();
    }
  }

  private static Source counted(AtomicInteger loads, Duration load) {
    return id -> {
      loads.incrementAndGet();
      Thread.sleep(load.toMillis());
      return Item.ofSize(id, 1, BYTES);
    };
  }

  /** What obeys a command, which is given in words. */
  interface Obeying {
    String answer(String... command) throws Exception;
  }

  /** Obeys all commands of one connection, and answers with the failure of any that fails. */
  static void obey(ServerSocket commands, Obeying obeying) {
    try (Socket connection = commands.accept();
        BufferedReader in =
            new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8));
        PrintStream out = new PrintStream(connection.getOutputStream(), true, UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.println(answer(obeying, line.split(" ", -1)));
      }
    } catch (IOException e) {
      // The log will have it, and whoever waits for an answer sees the connection end.
      throw new UncheckedIOException(e);
    }
  }

  private static String answer(Obeying obeying, String... command) {
    try {
      return obeying.answer(command);
    } catch (Exception e) {
      e.printStackTrace();
      return FAILED + onOneLine(e);
    }
  }

  private String answer(String... command) throws Exception {
    if (command[0].equals(TOGETHER)) {
      Histogram times = readTogether(Integer.parseInt(command[1]), Long.parseLong(command[2]));
      return loads.getAndSet(0) + " " + Histograms.text(times);
    }
    return Long.toString(readEach(Integer.parseInt(command[1]), Integer.parseInt(command[2])));
  }

  /** The exception and its causes. The log has the rest. */
  static String onOneLine(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .map(each -> each.toString().replaceAll("\\R", " "))
        .collect(Collectors.joining(", because of "));
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

  private long readEach(int first, int end) throws Exception {
    for (int item = first; item < end; item++) {
      Item unused = contestant.read(item);
    }
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  static Thread daemon(Runnable body) {
    Thread thread = new Thread(body, "worker");
    thread.setDaemon(true);
    return thread;
  }
}
