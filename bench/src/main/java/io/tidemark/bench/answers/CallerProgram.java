package io.tidemark.bench.answers;

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
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * A process of a fleet: one contestant in front of PostgreSQL, which makes the calls that it is
 * told to and says what came of them. It takes commands on a port of 127.0.0.1, each on a
 * connection of its own, several at once, and ends with its standard input.
 *
 * <p>The answer to each command is a line for each call that it has made, and {@value #DONE}:
 *
 * <ul>
 *   <li>{@code load <seed> <threads> <reads> <writes> <items> <first>}: each thread reads items,
 *       and one more changes items from the first on
 *   <li>{@code read <item> <times>}, {@code write <item>}
 *   <li>{@code read-until-answered <item>}: until a read does not fail
 *   <li>{@code hold-read <item>}, {@code hold-write <item>}: the same, which is held after its
 *       query, or its commit. The first line of the answer is {@value #HELD} when it stands there;
 *       a read that loads nothing is not held
 *   <li>{@code open}: lets go what is held
 * </ul>
 */
public final class CallerProgram {
  /** The end of an answer. */
  static final String DONE = "done";

  /** Says that a call is held. */
  static final String HELD = "held";

  private static final Duration LONGER_THAN_ANY_RUN = Duration.ofDays(1);

  /** What a load takes beside its query. */
  private static final int LOAD_MILLIS = 5;

  /** Between two reads for an answer. */
  private static final int PAUSE_MILLIS = 100;

  /** More than there are callers at once: those of the load, and those that are held. */
  private static final int CONNECTIONS = 24;

  private final Contestant contestant;
  private final ItemTable table;
  private final Gates gates;
  private final ExecutorService threads = Executors.newCachedThreadPool(CallerProgram::daemon);

  private CallerProgram(Contestant contestant, ItemTable table, Gates gates) {
    this.contestant = contestant;
    this.table = table;
    this.gates = gates;
  }

  /**
   * What a process is told when it starts.
   *
   * @param contestant which cache it uses
   * @param redis where Redis listens
   * @param zookeeper where ZooKeeper listens
   * @param postgresPort where PostgreSQL listens
   * @param lockLife how long locks outlive their holders
   */
  record Options(
      Contestants contestant, String redis, String zookeeper, int postgresPort, Duration lockLife) {
    List<String> arguments() {
      return List.of(
          contestant.name(),
          redis,
          zookeeper,
          Integer.toString(postgresPort),
          Long.toString(lockLife.toMillis()));
    }

    static Options of(String[] arguments) {
      return new Options(
          Contestants.valueOf(arguments[0]),
          arguments[1],
          arguments[2],
          Integer.parseInt(arguments[3]),
          Duration.ofMillis(Long.parseLong(arguments[4])));
    }
  }

  /** Runs a process; {@link Options} makes the arguments. */
  public static void main(String[] arguments) {
    ChildProgram.run(() -> serve(Options.of(arguments)));
  }

  private static void serve(Options options) throws Exception {
    Gates gates = new Gates();
    try (ItemTable table = new ItemTable(options.postgresPort(), CONNECTIONS);
        Contestant contestant =
            options
                .contestant()
                .open(
                    new Setting(
                        options.redis(),
                        options.zookeeper(),
                        source(table, gates),
                        LONGER_THAN_ANY_RUN,
                        CONNECTIONS,
                        options.lockLife()));
        ServerSocket commands =
            new ServerSocket(0, CONNECTIONS, InetAddress.getLoopbackAddress())) {
      CallerProgram program = new CallerProgram(contestant, table, gates);
      daemon(() -> program.listen(commands)).start();
      System.out.printf(
          "ready %d pid %d%n", commands.getLocalPort(), ProcessHandle.current().pid());
      ParentWatch.endOfInput().await();
    }
  }

  private static Source source(ItemTable table, Gates gates) {
    return id -> {
      Item row = table.load(id);
      gates.pass(Gates.Point.AFTER_QUERY, id);
      Thread.sleep(LOAD_MILLIS);
      return row;
    };
  }

  private void listen(ServerSocket commands) {
    while (!commands.isClosed()) {
      try {
        Socket connection = commands.accept();
        threads.execute(() -> obey(connection));
      } catch (IOException e) {
        // The process is ending: the loop's condition tells.
      }
    }
  }

  private void obey(Socket connection) {
    try (connection;
        BufferedReader in =
            new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8));
        PrintStream out = new PrintStream(connection.getOutputStream(), false, UTF_8)) {
      for (Call call : execute(in.readLine().split(" ", -1), out)) {
        out.println(call.line());
      }
      out.println(DONE);
    } catch (Exception e) {
      // The log will have it, and whoever waits for the answer sees the connection end.
      throw new IllegalStateException("a command cannot be obeyed", e);
    }
  }

  private List<Call> execute(String[] words, PrintStream out) throws Exception {
    if (words[0].equals("open")) {
      gates.open();
      return List.of();
    }
    if (words[0].equals("load")) {
      int[] sizes = Arrays.stream(words).skip(2).mapToInt(Integer::parseInt).toArray();
      return load(new SplittableRandom(Long.parseLong(words[1])), sizes);
    }
    int item = Integer.parseInt(words[1]);
    return switch (words[0]) {
      case "read" -> repeated(Integer.parseInt(words[2]), () -> read(item));
      case "write" -> List.of(write(item));
      case "read-until-answered" -> readUntilAnswered(item);
      case "hold-read" -> hold(Gates.Point.AFTER_QUERY, item, () -> read(item), out);
      case "hold-write" -> hold(Gates.Point.AFTER_COMMIT, item, () -> write(item), out);
      default -> throw new IllegalArgumentException(words[0] + " is no command");
    };
  }

  /** The sizes are numbers of threads, reads, writes and items, and the first to be changed. */
  private List<Call> load(SplittableRandom seeds, int[] sizes)
      throws InterruptedException, ExecutionException {
    int items = sizes[3];
    int first = sizes[4];
    List<Callable<List<Call>>> all = new ArrayList<>();
    for (int thread = 0; thread < sizes[0]; thread++) {
      SplittableRandom random = seeds.split();
      all.add(() -> repeated(sizes[1], () -> read(random.nextInt(items))));
    }
    SplittableRandom random = seeds.split();
    all.add(() -> repeated(sizes[2], () -> write(random.nextInt(first, items))));
    List<Call> calls = new ArrayList<>();
    for (Future<List<Call>> each : threads.invokeAll(all)) {
      calls.addAll(each.get());
    }
    return calls;
  }

  private static List<Call> repeated(int times, Supplier<Call> call) {
    List<Call> calls = new ArrayList<>(times);
    for (int number = 0; number < times; number++) {
      calls.add(call.get());
    }
    return calls;
  }

  private List<Call> readUntilAnswered(int item) throws InterruptedException {
    List<Call> calls = new ArrayList<>();
    calls.add(read(item));
    while (!calls.get(calls.size() - 1).isAnswered()) {
      Thread.sleep(PAUSE_MILLIS);
      calls.add(read(item));
    }
    return calls;
  }

  private List<Call> hold(Gates.Point point, int item, Supplier<Call> call, PrintStream out)
      throws InterruptedException, ExecutionException {
    CompletableFuture<Void> reached = gates.set(point, item);
    CompletableFuture<Call> ended = CompletableFuture.supplyAsync(call, threads);
    CompletableFuture.anyOf(reached, ended).get();
    gates.unset(point, item);
    if (reached.isDone()) {
      out.println(HELD);
      out.flush();
    }
    return List.of(ended.get());
  }

  private interface Access {
    Item run() throws Exception;
  }

  private Call read(int item) {
    return call(Call.Kind.READ, item, () -> contestant.read(item));
  }

  private Call write(int item) {
    return call(
        Call.Kind.WRITE,
        item,
        () -> {
          Item changed = table.change(item);
          gates.pass(Gates.Point.AFTER_COMMIT, item);
          contestant.changed(changed);
          return changed;
        });
  }

  private static Call call(Call.Kind kind, int item, Access access) {
    long startNanos = System.nanoTime();
    long version;
    try {
      version = access.run().version();
    } catch (Exception e) {
      version = Call.FAILED;
    }
    return new Call(kind, item, startNanos, System.nanoTime(), version);
  }

  private static Thread daemon(Runnable body) {
    Thread thread = new Thread(body, "caller");
    thread.setDaemon(true);
    return thread;
  }
}
