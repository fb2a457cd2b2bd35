package io.tidemark.bench;

import io.tidemark.bench.contestants.Contestants;
import io.tidemark.processes.ChildDiedException;
import io.tidemark.processes.ProcessGroup;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Measures the cache beside what users would pick instead, on servers of its own. Exit codes: 0 if
 * everything was measured, 1 if something failed, 2 for bad options.
 */
@Command(
    name = "bench/run",
    description = {
      "Starts the servers, lets the contestants take turns round by round, prints tables,"
          + " and writes RESULTS.md with plots. What is not measured keeps its section of that page.",
      "Every figure is relative to a base of the same round. Without options: some five hours, if the machine has nothing else to do."
    },
    mixinStandardHelpOptions = true)
public final class Bench implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description =
          "How often everything is measured. Default: 5, the fewest that show a difference.")
  private int rounds = Spread.LEAST_ROUNDS;

  @Option(
      names = "--smoke",
      description = "Shows only that everything works: one round of a moment each.")
  private boolean smoke;

  @Option(
      names = "--work",
      paramLabel = "NAME",
      description = "Measures only this, of ${COMPLETION-CANDIDATES}. Several times for several.")
  private Set<Workload> workloads = EnumSet.noneOf(Workload.class);

  @Option(
      names = "--contestant",
      paramLabel = "NAME",
      description =
          "Measures only this one and the bases that it needs, of ${COMPLETION-CANDIDATES}."
              + " Several times for several.")
  private Set<Contestants> contestants = EnumSet.noneOf(Contestants.class);

  @Option(
      names = "--results",
      paramLabel = "DIR",
      description =
          "Where RESULTS.md and its plots are written, and the raw files to target/raw."
              + " Default: bench; for a smoke run bench/target/smoke, and for some contestants"
              + " bench/target/some-contestants.")
  private @Nullable Path results;

  private Bench() {}

  /** Runs the command and ends the virtual machine with its exit code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Bench())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(
            (e, command, parsed) -> {
              if (e instanceof ChildDiedException) {
                command.getErr().println(e.getMessage());
              } else {
                e.printStackTrace(command.getErr());
              }
              return CommandLine.ExitCode.SOFTWARE;
            });
  }

  @Override
  public Integer call() throws Exception {
    if (rounds < 1) {
      throw new ParameterException(
          spec.commandLine(), "--rounds is %d; it must be 1 or more".formatted(rounds));
    }
    return ProcessGroup.run(this::measure);
  }

  private int measure(ProcessGroup group) throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    Effort effort = smoke ? Effort.SMOKE : Effort.FULL;
    if (smoke) {
      // Two runs of JMH on one machine spoil each other's figures, so it refuses the second.
      System.setProperty("jmh.ignoreLock", "true");
    }
    int all = smoke ? 1 : rounds;
    List<Work> works = works(effort);
    Path folder = folder();
    Path raw = Files.createDirectories(folder.resolve("target").resolve("raw"));
    BenchServers servers = BenchServers.of(group);
    Map<String, String> circumstances =
        servers.during(() -> Circumstances.find(command(), servers.redis()));
    Rounds.Listener listener = new Progress(out, folder, works, all, circumstances, order(works));
    Rounds.play(works, all, meter(group, servers, effort, raw), listener);
    out.printf("%nWritten to %s.%n", folder.resolve(ResultsPage.NAME));
    out.flush();
    return CommandLine.ExitCode.OK;
  }

  /**
   * Prints how far it is, and writes the report. After every round but the last, it writes what is
   * known so far beside the raw files: that is not lost if the next round fails.
   */
  private record Progress(
      PrintWriter out,
      Path folder,
      List<Work> works,
      int rounds,
      Map<String, String> circumstances,
      List<String> order)
      implements Rounds.Listener {
    @Override
    public void measures(int round, int number, Work work, Run run) {
      int runs = works.stream().mapToInt(one -> one.entries().size()).sum();
      out.printf(
          "round %d of %d, %d of %d: %s: %s%n",
          round, rounds, number, runs, work.title(), run.title());
      out.flush();
    }

    @Override
    public void finished(int finished, Map<Run, List<Sample>> samples) throws IOException {
      boolean all = finished == rounds;
      Report report = new Report(works, samples);
      Map<String, String> rows = new LinkedHashMap<>(circumstances);
      rows.put("rounds", Integer.toString(finished));
      report.write(all ? folder : folder.resolve("target").resolve("so-far"), rows, order);
      if (all) {
        out.print(report.text());
      }
    }
  }

  private static Rounds.Meter meter(
      ProcessGroup group, BenchServers servers, Effort effort, Path raw) {
    JmhMeter jmh = new JmhMeter(servers, effort, raw);
    ColdKeyMeter coldKeys = new ColdKeyMeter(group, servers, effort, raw);
    MemoryMeter memory = new MemoryMeter(group, servers, effort);
    AnswersMeter answers = new AnswersMeter(group, servers, effort, raw);
    ZipfMeter zipf = new ZipfMeter(group, servers, effort, raw);
    return (name, run) -> {
      if (run instanceof ZipfRun paced) {
        return zipf.measure(name, paced);
      }
      if (run instanceof ColdKeyRun coldKey) {
        return coldKeys.measure(name, coldKey);
      }
      if (run instanceof AnswersRun answered) {
        return answers.measure(name, answered);
      }
      return run instanceof MemoryRun kept ? memory.measure(kept) : jmh.measure(name, (JmhRun) run);
    };
  }

  private List<Work> works(Effort effort) {
    return orAll(workloads, Workload.values()).stream()
        .flatMap(one -> one.works(orAll(contestants, Contestants.values()), effort).stream())
        .toList();
  }

  /** The titles of all works that there are, and then of those that are measured only here. */
  private static List<String> order(List<Work> measured) {
    Stream<Work> everything =
        Arrays.stream(Workload.values())
            .flatMap(one -> one.works(EnumSet.allOf(Contestants.class), Effort.FULL).stream());
    return Stream.concat(everything, measured.stream()).map(Work::title).distinct().toList();
  }

  private static <T extends Enum<T>> Set<T> orAll(Set<T> chosen, T[] all) {
    return EnumSet.copyOf(chosen.isEmpty() ? Arrays.asList(all) : chosen);
  }

  private Path folder() {
    if (results != null) {
      return results;
    }
    // The script says where it stands.
    Path bench = Path.of(System.getProperty("tidemark.bench", "bench"));
    if (smoke) {
      return bench.resolve("target").resolve("smoke");
    }
    return contestants.isEmpty() ? bench : bench.resolve("target").resolve("some-contestants");
  }

  private String command() {
    List<String> words = new ArrayList<>(List.of(spec.name()));
    words.addAll(spec.commandLine().getParseResult().originalArgs());
    return String.join(" ", words);
  }
}
