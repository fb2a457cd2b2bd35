package io.tidemark.demo.services;

import io.tidemark.processes.ParentWatch;
import io.tidemark.processes.ProcessGroup;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Runs ZooKeeper, Redis and PostgreSQL, here or in the background, until it is told to stop, and
 * leaves nothing behind.
 */
@Command(
    name = "services",
    description = {
      "Starts ZooKeeper, Redis and PostgreSQL on 127.0.0.1, each a process of its own.",
      "Stops them on SIGTERM, SIGINT, the end of standard input, or 'services stop'.",
      "While they run, 'services stop redis' and the like rehearse an outage, from any terminal.",
      "Each checkout has servers of its own.",
      "With --fleet: three servers of ZooKeeper, and a Redis Cluster of three masters and replicas."
    },
    synopsisSubcommandLabel = "[COMMAND]",
    subcommands = {
      ControlCommands.Stop.class,
      ControlCommands.Start.class,
      ControlCommands.Restart.class,
      ControlCommands.Status.class
    },
    mixinStandardHelpOptions = true)
public final class ServicesCommand implements Callable<Integer> {
  /** The last line that is printed while the servers start. */
  static final String READY = "ready";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--zookeeper-port",
      paramLabel = "P",
      defaultValue = "0",
      description = "ZooKeeper's port, 1 to 65535. Default: any free one.")
  private int zookeeperPort;

  @Option(
      names = "--redis-port",
      paramLabel = "P",
      defaultValue = "0",
      description = "Redis' port, 1 to 65535. Default: any free one.")
  private int redisPort;

  @Option(
      names = "--postgres-port",
      paramLabel = "P",
      defaultValue = "0",
      description = "PostgreSQL's port, 1 to 65535. Default: any free one.")
  private int postgresPort;

  @Option(
      names = "--fleet",
      description =
          "Starts three servers of ZooKeeper, a Redis Cluster of three masters with a replica each,"
              + " and PostgreSQL, all on free ports.")
  private boolean fleet;

  @Option(
      names = "--detach",
      description =
          "Returns when the servers are ready, and leaves them running without a terminal, until"
              + " 'services stop'.")
  private boolean detach;

  @Option(names = "--in-background", hidden = true)
  private boolean inBackground;

  @Override
  public Integer call() throws Exception {
    ServerPorts ports = ports();
    if (detach) {
      return Background.start(
          optionsInBackground(), spec.commandLine().getOut(), spec.commandLine().getErr());
    }
    int exitCode = ProcessGroup.run(group -> fleet ? serveFleet(group) : serve(group, ports));
    if (inBackground) {
      // It explains failures only.
      Files.deleteIfExists(Checkout.backgroundLog());
    }
    return exitCode;
  }

  private List<String> optionsInBackground() {
    return fleet
        ? List.of("--in-background", "--fleet")
        : List.of(
            "--in-background",
            "--zookeeper-port=" + zookeeperPort,
            "--redis-port=" + redisPort,
            "--postgres-port=" + postgresPort);
  }

  private int serve(ProcessGroup group, ServerPorts ports) throws Exception {
    return serve(group, ServerGroup.start(group, ports), List.of());
  }

  private int serveFleet(ProcessGroup group) throws Exception {
    FleetPorts ports = FleetPorts.free();
    return serve(
        group,
        FleetServers.start(group, ports),
        List.of("node options: " + String.join(" ", ports.addresses().nodeOptions())));
  }

  private int serve(ProcessGroup group, ControlledServers servers, List<String> hints)
      throws Exception {
    CountDownLatch over = inBackground ? new CountDownLatch(1) : ParentWatch.endOfInput();
    ControlServer.open(group, servers, over);
    print(servers, hints);
    if (!inBackground || Background.launcherTookNote()) {
      over.await();
    }
    return 0;
  }

  private ServerPorts ports() throws IOException {
    if (fleet && (zookeeperPort != 0 || redisPort != 0 || postgresPort != 0)) {
      throw new ParameterException(
          spec.commandLine(), "--fleet is given with a port; it must be given without");
    }
    try {
      return ServerPorts.choose(zookeeperPort, redisPort, postgresPort);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void print(ControlledServers servers, List<String> hints) {
    PrintWriter out = spec.commandLine().getOut();
    servers.status().forEach(out::println);
    hints.forEach(out::println);
    out.println(READY);
    out.flush();
  }
}
