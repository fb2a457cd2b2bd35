package io.tidemark.demo.acts;

import io.tidemark.processes.ProcessGroup;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Plays the acts on servers and nodes of its own, and says of each whether it ended as promised.
 * Leaves nothing behind.
 */
@Command(
    name = "demo",
    description = {
      "Starts ZooKeeper, Redis, PostgreSQL and some nodes, plays the acts, and stops everything.",
      "With --fleet: on three servers of ZooKeeper and a Redis Cluster, with acts of their own.",
      "The exit code is 0 only if every act ended as promised."
    },
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  private static final int LEAST_PROCESSES = 2;
  private static final int MOST_PROCESSES = 16;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--processes",
      paramLabel = "N",
      defaultValue = "4",
      description = "How many nodes, 2 to 16. Default: ${DEFAULT-VALUE}.")
  private int processes;

  @Option(
      names = "--fleet",
      description =
          "Plays on three servers of ZooKeeper and a Redis Cluster of three masters and replicas,"
              + " with the acts that need them.")
  private boolean fleet;

  @Option(
      names = "--act",
      paramLabel = "NAME",
      description = {
        "Plays this act alone. Give it several times for several acts; they are played in the "
            + "order of --list."
      })
  private List<String> names = new ArrayList<>();

  @Option(names = "--list", description = "Prints the name of each act and what it shows.")
  private boolean list;

  @Option(
      names = "--json",
      description =
          "Prints the report, or the list, as JSON on standard output, and everything else on"
              + " standard error.")
  private boolean json;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description = "Also writes report.html, report.md and report.json there.")
  private @Nullable Path reportFolder;

  @Override
  public Integer call() throws Exception {
    checkProcesses();
    List<Act> acts = acts();
    return list ? printList() : play(acts, reportFiles());
  }

  private int play(List<Act> acts, @Nullable ReportFiles files) throws Exception {
    return ProcessGroup.run(
        group -> {
          DemoRun.Outcome outcome = run(group, acts);
          DemoReport report = outcome.report();
          if (files != null) {
            files.write(outcome);
          }
          if (json) {
            print(ReportFiles.json(report));
          }
          return report.passed() ? 0 : 1;
        });
  }

  private DemoRun.Outcome run(ProcessGroup group, List<Act> acts) throws Exception {
    PrintWriter out = json ? spec.commandLine().getErr() : spec.commandLine().getOut();
    String descriptor = json ? "2" : "1";
    boolean isTerminal = System.getProperty("tidemark.terminals", "").contains(descriptor);
    try (Progress progress = new Progress(out, isTerminal)) {
      progress.start();
      return new DemoRun(group, screen(), progress, processes, fleet, acts).play();
    }
  }

  private Screen screen() {
    // The script knows whether there is a terminal; Java's answer changes from release to release.
    return json
        ? new Screen(spec.commandLine().getErr(), false)
        : new Screen(spec.commandLine().getOut(), Boolean.getBoolean("tidemark.colour"));
  }

  private int printList() throws IOException {
    if (json) {
      print(ReportFiles.json(Playbill.entries()));
    } else {
      screen().list(Playbill.entries());
    }
    return 0;
  }

  private void print(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
  }

  private void checkProcesses() {
    if (processes < LEAST_PROCESSES || processes > MOST_PROCESSES) {
      throw new ParameterException(
          spec.commandLine(),
          "--processes is %d; it must be %d to %d"
              .formatted(processes, LEAST_PROCESSES, MOST_PROCESSES));
    }
  }

  private List<Act> acts() {
    try {
      return Playbill.choose(names, fleet);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private @Nullable ReportFiles reportFiles() {
    if (reportFolder == null) {
      return null;
    }
    try {
      return ReportFiles.in(reportFolder);
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--report is '%s'; it must be a folder that can be written to (%s)"
              .formatted(reportFolder, e),
          e);
    }
  }
}
