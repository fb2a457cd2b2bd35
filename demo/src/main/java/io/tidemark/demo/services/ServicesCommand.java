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
      "Each checkout has servers of its own."
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
          List.of(
              "--in-background",
              "--zookeeper-port=" + zookeeperPort,
              "--redis-port=" + redisPort,
              "--postgres-port=" + postgresPort),
          spec.commandLine().getOut(),
          spec.commandLine().getErr());
    }
    int exitCode = ProcessGroup.run(group -> serve(group, ports));
    if (inBackground) {
      // It explains failures only.
      Files.deleteIfExists(Checkout.backgroundLog());
    }
    return exitCode;
  }

  private int serve(ProcessGroup group, ServerPorts ports) throws Exception {
    ServerGroup servers = ServerGroup.start(group, ports);
    CountDownLatch over = inBackground ? new CountDownLatch(1) : ParentWatch.endOfInput();
    ControlServer.open(group, servers, over);
    print(servers);
    if (!inBackground || Background.launcherTookNote()) {
      over.await();
    }
    return 0;
  }

  private ServerPorts ports() throws IOException {
    try {
      return ServerPorts.choose(zookeeperPort, redisPort, postgresPort);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void print(ServerGroup servers) {
    PrintWriter out = spec.commandLine().getOut();
    servers.status().forEach(out::println);
    out.println(READY);
    out.flush();
  }
}
