package io.tidemark.demo;

import io.tidemark.demo.acts.DemoCommand;
import io.tidemark.demo.live.ServeCommand;
import io.tidemark.demo.node.NodeCommand;
import io.tidemark.demo.services.RefusedCommandException;
import io.tidemark.demo.services.ServicesCommand;
import io.tidemark.processes.ChildDiedException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/**
 * The command line of the demo. Exit codes: 0 for a command that did what it says, 1 for one that
 * failed, 2 for bad options.
 */
@Command(
    name = "tidemark",
    description = "A read-through cache for a whole fleet, tried out on this machine.",
    mixinStandardHelpOptions = true,
    version = "tidemark demo",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      ServeCommand.class,
      ServicesCommand.class,
      NodeCommand.class,
      SqlCommand.class
    })
public final class Tidemark implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  private Tidemark() {}

  /** Runs one command and ends the virtual machine with its exit code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Tidemark())
        .setParameterExceptionHandler(Tidemark::explainBadOption)
        .setExecutionExceptionHandler(Tidemark::explainFailure);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }

  private static int explainBadOption(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(e.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
    err.printf("Try '%s --help'.%n", command.getCommandSpec().qualifiedName());
    return CommandLine.ExitCode.USAGE;
  }

  private static int explainFailure(Exception e, CommandLine command, ParseResult parsed) {
    if (e instanceof ChildDiedException || e instanceof RefusedCommandException) {
      command.getErr().println(e.getMessage());
    } else {
      e.printStackTrace(command.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }
}
