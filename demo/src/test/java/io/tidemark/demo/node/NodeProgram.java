package io.tidemark.demo.node;

import picocli.CommandLine;

/** The node as a process of its own. */
final class NodeProgram {
  private NodeProgram() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new NodeCommand()).execute(args));
  }
}
