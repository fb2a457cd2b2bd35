package io.tidemark.demo.services;

import io.tidemark.demo.processes.ParentWatch;
import io.tidemark.demo.processes.ProcessGroup;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Runs ZooKeeper, Redis and PostgreSQL until SIGTERM, SIGINT, or the end of standard input, and
 * leaves nothing behind.
 */
@Command(
    name = "services",
    description = {
      "Starts ZooKeeper, Redis and PostgreSQL on 127.0.0.1, each a process of its own.",
      "Stops them on SIGTERM, SIGINT, or the end of standard input."
    },
    mixinStandardHelpOptions = true)
public final class ServicesCommand implements Callable<Integer> {
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

  @Override
  public Integer call() throws Exception {
    ServerPorts ports = ports();
    return ProcessGroup.run(
        group -> {
          print(Servers.start(group, ports));
          ParentWatch.endOfInput().await();
          return 0;
        });
  }

  private ServerPorts ports() throws IOException {
    try {
      return ServerPorts.choose(zookeeperPort, redisPort, postgresPort);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void print(Servers servers) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("zookeeper %s pid %d%n", servers.zookeeperAddress(), servers.zookeeperPid());
    out.printf("redis %s pid %d%n", servers.redisAddress(), servers.redisPid());
    out.printf("postgres %s pid %d%n", servers.jdbcUrl(), servers.postgresPid());
    out.println("ready");
    out.flush();
  }
}
