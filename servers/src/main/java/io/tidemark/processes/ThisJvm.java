package io.tidemark.processes;

import java.util.ArrayList;
import java.util.List;

/** Programs that run as this virtual machine does, each in one of its own. */
public final class ThisJvm {
  private ThisJvm() {}

  /** A program with the class path of this virtual machine. */
  public static JavaProgram program(String mainClass) {
    return new JavaProgram(System.getProperty("java.class.path"), mainClass);
  }

  /**
   * The command that runs a program by the same {@code java}, tuned to start fast and stay small.
   *
   * @param options for the virtual machine
   * @param arguments for the program
   */
  public static List<String> command(
      JavaProgram program, List<String> options, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
    command.addAll(options);
    command.addAll(List.of("-cp", program.classPath(), program.mainClass()));
    command.addAll(arguments);
    return command;
  }
}
