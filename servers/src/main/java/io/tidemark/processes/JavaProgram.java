package io.tidemark.processes;

import java.util.ArrayList;
import java.util.List;

/**
 * A program for a virtual machine.
 *
 * @param classPath where its classes are, the first found being the one that counts
 * @param mainClass the class that begins
 */
public record JavaProgram(String classPath, String mainClass) {

  /** A program with the class path of this virtual machine. */
  public static JavaProgram of(String mainClass) {
    return new JavaProgram(System.getProperty("java.class.path"), mainClass);
  }

  /**
   * The command that runs it in a virtual machine of its own, tuned to start fast and stay small.
   *
   * @param options for the virtual machine
   * @param arguments for the program
   */
  public List<String> command(List<String> options, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, mainClass));
    command.addAll(arguments);
    return command;
  }
}
