package io.tidemark.bench;

import io.tidemark.bench.Sample.Quantity;
import io.tidemark.bench.answers.Answers;
import io.tidemark.bench.answers.Counts;
import io.tidemark.bench.answers.Fleet;
import io.tidemark.bench.answers.Schedule;
import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.WorkDirectory;
import io.tidemark.servers.PostgresProgram;
import io.tidemark.testkit.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Lets the processes of a contestant play the schedule of a round, and counts wrong answers. */
final class AnswersMeter {
  private static final Schedule.Load FULL = new Schedule.Load(10, 2, 200, 2, 4);
  private static final Schedule.Load SMOKE = new Schedule.Load(2, 2, 20, 1, 2);
  private static final int FULL_SCENES = 2;
  private static final int FULL_READS = 50;
  private static final int SMOKE_READS = 5;

  private final ProcessGroup group;
  private final BenchServers servers;
  private final Effort effort;
  private final Path raw;
  private final int postgresPort = FreePort.any();

  /** How often each was measured: in a round, all have the same seed. */
  private final Map<Run, Integer> rounds = new HashMap<>();

  /**
   * A meter.
   *
   * @param raw a folder, to which it writes the counts of each run
   */
  AnswersMeter(ProcessGroup group, BenchServers servers, Effort effort, Path raw) {
    this.group = group;
    this.servers = servers;
    this.effort = effort;
    this.raw = raw;
  }

  Sample measure(String name, AnswersRun run) throws Exception {
    Schedule schedule = schedule(rounds.merge(run, 1, Integer::sum));
    Answers answers = servers.during(() -> play(run, schedule));
    SortedMap<Integer, Counts> counts = answers.judged();
    write(name, schedule, answers, counts);
    Counts sum = Answers.sum(counts);
    return new Sample(
        Map.of(
            Quantity.OLD,
            sum.oldPerMillion(),
            Quantity.BACK,
            sum.backPerMillion(),
            Quantity.FAILED,
            sum.failedPerMillion()));
  }

  private Schedule schedule(int round) {
    return effort.equals(Effort.SMOKE)
        ? Schedule.of(round, 1, SMOKE, SMOKE_READS)
        : Schedule.of(round, FULL_SCENES, FULL, FULL_READS);
  }

  private Answers play(AnswersRun run, Schedule schedule) throws Exception {
    Child postgres = group.await(PostgresProgram.start(group, postgresPort)).child();
    Answers answers =
        Fleet.play(
            group,
            run.contestant(),
            schedule,
            new Fleet.Servers(servers.redis(), servers.zookeeper(), postgresPort));
    group.end(postgres);
    WorkDirectory.delete(group.directory().resolve("postgres"));
    return answers;
  }

  private void write(
      String name, Schedule schedule, Answers answers, SortedMap<Integer, Counts> counts)
      throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("held %d, evictions %d".formatted(answers.held(), answers.evictions()));
    lines.add("all " + Answers.sum(counts));
    counts.forEach((item, of) -> lines.add("%s %s".formatted(schedule.nameOf(item), of)));
    Files.write(raw.resolve(name + ".txt"), lines);
  }
}
