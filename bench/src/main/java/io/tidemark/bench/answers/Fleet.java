package io.tidemark.bench.answers;

import io.tidemark.bench.answers.Caller.Asked;
import io.tidemark.bench.answers.Schedule.Course;
import io.tidemark.bench.answers.Schedule.Load;
import io.tidemark.bench.answers.Schedule.Scene;
import io.tidemark.bench.contestants.Contestants;
import io.tidemark.bench.contestants.RedisClients;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.processes.ThisJvm;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import redis.clients.jedis.RedisClient;

/** The processes of one contestant, which play a schedule. For one thread, once. */
public final class Fleet {
  private static final int HEAP_MEGABYTES = 128;

  /** Shorter than any contestant has it by default, so that a run need not wait for minutes. */
  private static final Duration LOCK_LIFE = Duration.ofSeconds(5);

  private final Contestants contestant;
  private final Schedule schedule;
  private final List<Caller> callers;
  private final RedisClient redis;
  private final Random random;
  private final List<Call> calls = new ArrayList<>();
  private int held;
  private long evictions;

  private Fleet(
      Contestants contestant, Schedule schedule, List<Caller> callers, RedisClient redis) {
    this.contestant = contestant;
    this.schedule = schedule;
    this.callers = callers;
    this.redis = redis;
    this.random = new Random(schedule.seed());
  }

  /**
   * Where the servers listen, all of them empty.
   *
   * @param redis as {@code host:port}
   * @param zookeeper a connect string
   * @param postgresPort a port of 127.0.0.1
   */
  public record Servers(String redis, String zookeeper, int postgresPort) {}

  /** Starts the processes, lets them play, and ends them. */
  public static Answers play(
      ProcessGroup group, Contestants contestant, Schedule schedule, Servers servers)
      throws Exception {
    ItemTable.create(servers.postgresPort(), schedule.items());
    CallerProgram.Options options =
        new CallerProgram.Options(
            contestant, servers.redis(), servers.zookeeper(), servers.postgresPort(), LOCK_LIFE);
    List<CompletableFuture<ReadyChild>> starting = new ArrayList<>();
    for (int number = 1; number <= Schedule.PROCESSES; number++) {
      starting.add(
          group.startJava(
              "caller " + number,
              HEAP_MEGABYTES,
              ThisJvm.program(CallerProgram.class.getName()),
              options.arguments()));
    }
    List<Caller> callers = new ArrayList<>();
    for (CompletableFuture<ReadyChild> each : starting) {
      callers.add(new Caller(group, group.await(each)));
    }
    try (RedisClient redis = RedisClients.connect(servers.redis(), 1)) {
      Fleet fleet = new Fleet(contestant, schedule, callers, redis);
      for (Scene scene : schedule.scenes()) {
        fleet.play(scene);
      }
      fleet.load(callers);
      for (Caller caller : callers) {
        caller.end();
      }
      return new Answers(fleet.calls, fleet.held, fleet.evictions);
    }
  }

  private void play(Scene scene) throws IOException, InterruptedException {
    Caller loader = callers.get(scene.loader());
    Caller writer = callers.get(scene.writer());
    Caller reader = callers.get(scene.reader());
    List<Integer> notAcknowledged = scene.ids(Course.NOT_ACKNOWLEDGED);
    load(callers);
    evict(scene.ids());
    List<Asked> loads = hold(loader, "hold-read", scene.ids());
    loader.pause();
    long pausedNanos = System.nanoTime();

    readUntilAnswered(reader, scene.ids());
    TimeUnit.NANOSECONDS.sleep(pausedNanos + LOCK_LIFE.toNanos() - System.nanoTime());
    load(List.of(writer, reader));
    write(writer, scene.ids(Course.WRITTEN));
    write(writer, scene.ids(Course.EVICTED));
    List<Asked> writes = hold(writer, "hold-write", notAcknowledged);
    writer.pause();
    evict(scene.ids(Course.EVICTED));
    evict(notAcknowledged);
    readUntilAnswered(reader, notAcknowledged);

    loader.resume();
    await(loads);
    read(List.of(loader, reader), scene.ids());
    writer.resume();
    await(writes);
    read(callers, scene.ids());
    evict(scene.ids());
  }

  private void load(List<Caller> awake) throws IOException {
    Load load = schedule.load();
    for (int turn = 0; turn < load.turns(); turn++) {
      List<Asked> asked = new ArrayList<>();
      for (Caller caller : awake) {
        asked.add(
            caller.ask(
                "load %d %d %d %d %d %d"
                    .formatted(
                        random.nextLong(),
                        load.threads(),
                        load.reads(),
                        load.writes(),
                        schedule.items(),
                        schedule.firstOfLoad())));
      }
      evict(
          IntStream.range(0, load.evictions())
              .mapToObj(any -> random.nextInt(schedule.firstOfLoad(), schedule.items()))
              .toList());
      await(asked);
    }
  }

  private void evict(List<Integer> items) {
    for (int item : items) {
      evictions += contestant.entryKey(item).map(redis::del).orElse(0L);
    }
  }

  /** Returns when all calls are held that load or write something. */
  private List<Asked> hold(Caller caller, String command, List<Integer> items) throws IOException {
    List<Asked> asked = new ArrayList<>();
    for (int item : items) {
      asked.add(caller.ask(command + " " + item));
    }
    for (Asked each : asked) {
      held += each.isHeld() ? 1 : 0;
    }
    return asked;
  }

  private void readUntilAnswered(Caller caller, List<Integer> items) throws IOException {
    List<Asked> asked = new ArrayList<>();
    for (int item : items) {
      asked.add(caller.ask("read-until-answered " + item));
    }
    await(asked);
  }

  private void write(Caller caller, List<Integer> items) throws IOException {
    for (int item : items) {
      caller.ask("write " + item).addTo(calls);
    }
  }

  private void read(List<Caller> readers, List<Integer> items) throws IOException {
    for (int item : items) {
      List<Asked> asked = new ArrayList<>();
      for (Caller reader : readers) {
        asked.add(reader.ask("read %d %d".formatted(item, schedule.readsOfHeld())));
      }
      await(asked);
    }
  }

  private void await(List<Asked> asked) throws IOException {
    for (Asked each : asked) {
      each.addTo(calls);
    }
  }
}
