package io.tidemark.processes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Sends signals, of which Java knows only those that end a process. */
public final class Signals {
  private Signals() {}

  /**
   * Sends a signal.
   *
   * @param name without {@code SIG}
   * @return why it was not delivered, if it was not: the process may be gone
   */
  public static Optional<String> send(String name, long pid)
      throws IOException, InterruptedException {
    // The shell's own kill: not every system has the program.
    Process kill =
        new ProcessBuilder(
                "/bin/sh", "-c", "kill -s \"$1\" \"$2\"", "kill", name, Long.toString(pid))
            .redirectErrorStream(true)
            .start();
    String complaint = new String(kill.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return kill.waitFor() == 0 ? Optional.empty() : Optional.of(complaint.strip());
  }
}
