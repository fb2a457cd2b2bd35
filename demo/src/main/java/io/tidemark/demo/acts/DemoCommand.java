package io.tidemark.demo.acts;

import io.tidemark.demo.services.FleetPorts;
import io.tidemark.demo.services.FleetServers;
import io.tidemark.demo.services.ServerPorts;
import io.tidemark.demo.services.Servers;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
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
      "Starts ZooKeeper, Redis, PostgreSQL and some nodes, plays five acts, and stops everything.",
      "With --fleet: on three servers of ZooKeeper and a Redis Cluster, with a sixth act.",
      "The exit code is 0 only if every act ended as promised."
    },
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  private static final int LEAST_PROCESSES = 2;
  private static final int MOST_PROCESSES = 16;
  private static final double NANOS_PER_SECOND = 1_000_000_000;

  private static final List<Act> ACTS =
      List.of(
          new StampedeAct(),
          new TidemarkAct(),
          new StaleWriterAct(),
          new EvictionAct(),
          new KilledHolderAct());

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
              + " and lets each master fail over in a sixth act.")
  private boolean fleet;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description = "Also writes report.md and report.json there.")
  private @Nullable Path reportFolder;

  @Override
  public Integer call() throws Exception {
    checkProcesses();
    ReportFiles files = reportFiles();
    // The script knows whether there is a terminal; Java's answer changes from release to release.
    Screen screen = new Screen(spec.commandLine().getOut(), Boolean.getBoolean("tidemark.colour"));
    return ProcessGroup.run(
        group -> {
          DemoReport report = play(group, screen);
          if (files != null) {
            files.write(report);
          }
          return report.passed() ? 0 : 1;
        });
  }

  private void checkProcesses() {
    if (processes < LEAST_PROCESSES || processes > MOST_PROCESSES) {
      throw new ParameterException(
          spec.commandLine(),
          "--processes is %d; it must be %d to %d"
              .formatted(processes, LEAST_PROCESSES, MOST_PROCESSES));
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

  private DemoReport play(ProcessGroup group, Screen screen) throws Exception {
    screen.headline(
        "Tidemark: %d processes share one cache, %d callers in each"
            .formatted(processes, DemoStage.CALLERS));
    screen.paragraph("Starting ZooKeeper, Redis, PostgreSQL and the nodes on 127.0.0.1 ...");
    return fleet ? playOnFleet(group, screen) : playOnThree(group, screen);
  }

  private DemoReport playOnThree(ProcessGroup group, Screen screen) throws Exception {
    ServerPorts ports = ServerPorts.free();
    List<CompletableFuture<ReadyChild>> nodes =
        DemoStage.startNodes(group, ports.addresses(), processes);
    Servers servers = Servers.start(group, ports);
    screen.row("ZooKeeper", process(servers.zookeeperAddress(), servers.zookeeperPid()));
    screen.row("Redis", process(servers.redisAddress(), servers.redisPid()));
    screen.row("PostgreSQL", process(servers.postgresAddress(), servers.postgresPid()));
    try (DemoStage stage = DemoStage.raise(group, ports.addresses(), Optional.empty(), nodes)) {
      return play(group, stage, screen, ACTS);
    }
  }

  /** The nodes start last: a client of a cluster asks its nodes for their places at its start. */
  private DemoReport playOnFleet(ProcessGroup group, Screen screen) throws Exception {
    FleetPorts ports = FleetPorts.free();
    FleetServers servers = FleetServers.start(group, ports);
    servers.processes().forEach((name, pid) -> screen.row(name, "pid " + pid));
    List<CompletableFuture<ReadyChild>> nodes =
        DemoStage.startNodes(group, ports.addresses(), processes);
    try (DemoStage stage =
        DemoStage.raise(group, ports.addresses(), Optional.of(servers.redis()), nodes)) {
      List<Act> acts = new ArrayList<>(ACTS);
      acts.add(new FailoverAct());
      return play(group, stage, screen, acts);
    }
  }

  private DemoReport play(ProcessGroup group, DemoStage stage, Screen screen, List<Act> acts)
      throws InterruptedException {
    for (NodeProcess node : stage.nodes()) {
      screen.row(node.name(), process(node.http().url(), node.child().pid()));
    }
    return playActs(group, stage, screen, acts);
  }

  private DemoReport playActs(ProcessGroup group, DemoStage stage, Screen screen, List<Act> acts)
      throws InterruptedException {
    long startedNanos = System.nanoTime();
    List<ActResult> results = new ArrayList<>();
    for (Act act : acts) {
      int number = results.size() + 1;
      screen.headline("Act %d: %s".formatted(number, act.title()));
      ActResult result = play(number, act, group, stage);
      screen.result(result);
      results.add(result);
    }
    DemoReport report =
        new DemoReport(
            processes,
            DemoStage.CALLERS,
            DemoStage.DB_LATENCY.toMillis(),
            Math.round((System.nanoTime() - startedNanos) / NANOS_PER_SECOND * 10) / 10.0,
            results.stream().allMatch(ActResult::passed),
            List.copyOf(results));
    screen.headline("Summary");
    results.forEach(
        result ->
            screen.verdict(
                result.passed(), "Act %d: %s".formatted(result.number(), result.title())));
    screen.paragraph(report.summary() + ".");
    return report;
  }

  private static ActResult play(int number, Act act, ProcessGroup group, DemoStage stage)
      throws InterruptedException {
    Notes notes = new Notes();
    try {
      act.play(stage, notes);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      group.throwIfEnding();
      // The other acts are worth seeing all the same.
      notes.expect(false, e.getMessage() == null ? e.toString() : e.getMessage());
    }
    return notes.result(number, act);
  }

  private static String process(String address, long pid) {
    return "%-24s pid %d".formatted(address, pid);
  }
}
