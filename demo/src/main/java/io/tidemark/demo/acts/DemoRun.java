package io.tidemark.demo.acts;

import io.tidemark.demo.acts.Timeline.Scene;
import io.tidemark.demo.services.FleetPorts;
import io.tidemark.demo.services.FleetServers;
import io.tidemark.demo.services.ServerGroup;
import io.tidemark.demo.services.ServerPorts;
import io.tidemark.demo.services.Servers;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Raises a stage, plays acts on it, and shows and reports what came of them. */
final class DemoRun {
  private static final double MICROS_PER_SECOND = 1_000_000;

  private final ProcessGroup group;
  private final Screen screen;
  private final Progress progress;
  private final int processes;
  private final boolean isFleet;
  private final List<Act> acts;

  /**
   * Prepares a run; nothing is started yet.
   *
   * @param processes how many nodes there are
   * @param isFleet whether the servers are those of a fleet
   */
  DemoRun(
      ProcessGroup group,
      Screen screen,
      Progress progress,
      int processes,
      boolean isFleet,
      List<Act> acts) {
    this.group = group;
    this.screen = screen;
    this.progress = progress;
    this.processes = processes;
    this.isFleet = isFleet;
    this.acts = acts;
  }

  /**
   * What came of it.
   *
   * @param timeline what happened when, for plots
   */
  record Outcome(DemoReport report, Timeline timeline) {}

  Outcome play() throws Exception {
    screen.headline(
        "Tidemark: %d processes share one cache, %d callers in each"
            .formatted(processes, DemoStage.CALLERS));
    screen.paragraph("Starting ZooKeeper, Redis, PostgreSQL and the nodes on 127.0.0.1 ...");
    return isFleet ? playOnFleet() : playOnThree();
  }

  private Outcome playOnThree() throws Exception {
    ServerPorts ports = ServerPorts.free();
    progress.begin("starting");
    StageNodes nodes = new StageNodes(group, ports.addresses());
    List<CompletableFuture<ReadyChild>> launched = nodes.launchFleet(processes);
    ServerGroup control = ServerGroup.start(group, ports);
    progress.end();
    Servers servers = control.servers();
    screen.row("ZooKeeper", process(servers.zookeeperAddress(), servers.zookeeperPid()));
    screen.row("Redis", process(servers.redisAddress(), servers.redisPid()));
    screen.row("PostgreSQL", process(servers.postgresAddress(), servers.postgresPid()));
    return playOn(nodes, StageServers.of(ports, control), launched);
  }

  /** The nodes start last: a client of a cluster asks its nodes for their places at its start. */
  private Outcome playOnFleet() throws Exception {
    FleetPorts ports = FleetPorts.free();
    progress.begin("starting");
    FleetServers servers = FleetServers.start(group, ports);
    progress.end();
    servers.processes().forEach((name, pid) -> screen.row(name, "pid " + pid));
    StageNodes nodes = new StageNodes(group, ports.addresses());
    return playOn(nodes, StageServers.of(ports, servers), nodes.launchFleet(processes));
  }

  private Outcome playOn(
      StageNodes nodes, StageServers servers, List<CompletableFuture<ReadyChild>> launched)
      throws Exception {
    progress.begin("starting the nodes");
    try (DemoStage stage = DemoStage.raise(nodes, servers, launched, progress::waitsUntil)) {
      progress.end();
      return playOn(stage);
    }
  }

  private Outcome playOn(DemoStage stage) throws Exception {
    for (NodeProcess node : stage.nodes()) {
      screen.row(node.name(), process(node.http().url(), node.child().pid()));
    }
    Map<String, String> versions = stage.versions();
    Timeline timeline;
    try (ReadsSampler reads = ReadsSampler.start(stage.jdbcUrl())) {
      List<Scene> scenes = playAll(stage);
      timeline = new Timeline(scenes, reads.samples());
    }
    DemoReport report = report(versions, timeline);
    screen.headline("Scoreboard");
    screen.scoreboard(report.acts());
    screen.paragraph(report.summary() + ".");
    return new Outcome(report, timeline);
  }

  private List<Scene> playAll(DemoStage stage) throws InterruptedException {
    List<Scene> scenes = new ArrayList<>();
    for (Act act : acts) {
      int number = scenes.size() + 1;
      screen.headline("Act %d: %s".formatted(number, act.title()));
      progress.begin("act %d of %d".formatted(number, acts.size()));
      Scene scene = play(number, act, stage);
      progress.end();
      screen.result(scene.act());
      scenes.add(scene);
    }
    return scenes;
  }

  private DemoReport report(Map<String, String> versions, Timeline timeline) {
    List<ActResult> results = timeline.scenes().stream().map(Scene::act).toList();
    double seconds = (timeline.endedAtMicros() - timeline.beganAtMicros()) / MICROS_PER_SECOND;
    return new DemoReport(
        processes,
        DemoStage.CALLERS,
        StageNodes.DB_LATENCY.toMillis(),
        Math.round(seconds * 10) / 10.0,
        results.stream().allMatch(ActResult::passed),
        versions,
        results);
  }

  private Scene play(int number, Act act, DemoStage stage) throws InterruptedException {
    Notes notes = new Notes();
    long began = Timeline.microsNow();
    try {
      act.play(stage, notes);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      group.throwIfEnding();
      // The other acts are worth seeing all the same.
      notes.expect(false, e.getMessage() == null ? e.toString() : e.getMessage());
    }
    return new Scene(notes.result(number, act), began, Timeline.microsNow(), notes.calls());
  }

  private static String process(String address, long pid) {
    return "%-24s pid %d".formatted(address, pid);
  }
}
