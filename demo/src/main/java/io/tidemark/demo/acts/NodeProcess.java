package io.tidemark.demo.acts;

import io.tidemark.demo.processes.Child;
import java.io.IOException;

/**
 * One process of the fleet.
 *
 * @param child the process
 * @param http its interface
 */
record NodeProcess(Child child, NodeClient http) {
  String name() {
    return child.name();
  }

  /** Stops the process where it stands, as a long pause would. */
  void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Lets it go on. */
  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  /** Kills it without a word. */
  void kill() throws IOException, InterruptedException {
    child.expectEnd();
    signal("KILL");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    // The shell's own kill: not every system has the program.
    Process kill =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "kill -s \"$1\" \"$2\"",
                "kill",
                signal,
                Long.toString(child.pid()))
            .inheritIO()
            .start();
    if (kill.waitFor() != 0) {
      throw new IOException("%s (pid %d) takes no SIG%s".formatted(name(), child.pid(), signal));
    }
  }
}
