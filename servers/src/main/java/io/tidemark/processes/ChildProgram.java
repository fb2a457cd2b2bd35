package io.tidemark.processes;

/** The main method of a child process. */
public final class ChildProgram {
  private ChildProgram() {}

  /** What a child does until it leaves. */
  @FunctionalInterface
  public interface Body {
    /** Does it; a failure is the child's. */
    void run() throws Exception;
  }

  /**
   * Runs a child, and ends the virtual machine with it, whatever threads are left. The exit code is
   * 0, or 1 after a failure, which standard error then has.
   */
  public static void run(Body body) {
    try {
      body.run();
    } catch (Exception e) {
      e.printStackTrace();
      System.exit(1);
    }
    System.exit(0);
  }
}
