package io.tidemark.demo.services;

import io.tidemark.demo.services.ControlServer.Order;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The commands to servers that run already, in the background or at another terminal. */
final class ControlCommands {
  private static final String SERVERS =
      "zookeeper, redis or postgres; of a fleet zookeeper-1 to -3, redis-1 to -6, or postgres.";

  private ControlCommands() {}

  /** What they have in common. */
  abstract static class ControlCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--group",
        paramLabel = "PID",
        defaultValue = "0",
        description = {
          "The process that runs the servers, as 'ps' or the refusal of a command tells it.",
          "Needed only where several 'services' run from one checkout."
        })
    private long group;

    @Override
    public final Integer call() throws Exception {
      // They would be silently ignored.
      spec.parent().commandLine().getParseResult().matchedOptions().stream()
          .findFirst()
          .ifPresent(
              option -> {
                throw new ParameterException(
                    spec.commandLine(),
                    "%s is given with '%s'; it must be given to start all servers only"
                        .formatted(option.longestName(), spec.name()));
              });
      PrintWriter out = spec.commandLine().getOut();
      run(RunningServices.of(group)).forEach(out::println);
      out.flush();
      return 0;
    }

    /** Does it; returns the lines to print. */
    abstract List<String> run(RunningServices services) throws IOException, InterruptedException;
  }

  /** An order about the server that it must name. */
  abstract static class OneServerCommand extends ControlCommand {
    private final Order order;

    @Parameters(paramLabel = "SERVER", converter = ServerNames.class, description = SERVERS)
    private String server = "";

    OneServerCommand(Order order) {
      this.order = order;
    }

    @Override
    final List<String> run(RunningServices services) throws IOException {
      return services.ask(order, server);
    }
  }

  /** Stops one server, or all. */
  @Command(
      name = "stop",
      description = {
        "Stops one server, which keeps its port, or, without SERVER, all of them for good.",
        "ZooKeeper and PostgreSQL keep their data until they are started again; Redis, a cache, "
            + "starts empty."
      },
      mixinStandardHelpOptions = true)
  static final class Stop extends ControlCommand {
    @Parameters(
        arity = "0..1",
        paramLabel = "SERVER",
        converter = ServerNames.class,
        description = SERVERS)
    private @Nullable String server;

    @Override
    List<String> run(RunningServices services) throws IOException, InterruptedException {
      return server == null ? services.end() : services.ask(Order.STOP, server);
    }
  }

  /** Starts one server that was stopped. */
  @Command(
      name = "start",
      description = {
        "Starts one server that was stopped, on the same port.",
        "ZooKeeper and PostgreSQL have the data that they had; Redis is empty."
      },
      mixinStandardHelpOptions = true)
  static final class Start extends OneServerCommand {
    Start() {
      super(Order.START);
    }
  }

  /** Stops and starts one server. */
  @Command(
      name = "restart",
      description = {
        "Stops one server, if it runs, and starts it on the same port.",
        "ZooKeeper and PostgreSQL have the data that they had; Redis is empty."
      },
      mixinStandardHelpOptions = true)
  static final class Restart extends OneServerCommand {
    Restart() {
      super(Order.RESTART);
    }
  }

  /** Says what runs. */
  @Command(
      name = "status",
      description = "Prints a line for each server: where it is, and its process or 'stopped'.",
      mixinStandardHelpOptions = true)
  static final class Status extends ControlCommand {
    @Override
    List<String> run(RunningServices services) throws IOException {
      return services.status();
    }
  }

  /** Reads the name of a server, which may be one of a fleet. */
  static final class ServerNames implements ITypeConverter<String> {
    private static final Pattern OF_A_FLEET = Pattern.compile("zookeeper-[1-3]|redis-[1-6]");

    @Override
    public String convert(String text) {
      try {
        return OF_A_FLEET.matcher(text).matches() ? text : ServerName.of(text).text();
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
