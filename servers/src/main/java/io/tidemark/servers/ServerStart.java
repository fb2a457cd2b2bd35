package io.tidemark.servers;

import io.tidemark.processes.Child;
import io.tidemark.processes.ChildDiedException;
import io.tidemark.processes.ProcessGroup;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;

/** How long servers may take to start, and how to wait for one. */
final class ServerStart {
  /** What only a server that hangs can miss. */
  static final Duration LIMIT = Duration.ofMinutes(10);

  private static final int POLL_MILLIS = 20;

  private ServerStart() {}

  /**
   * Waits until a server that was started accepts connections.
   *
   * @throws ChildDiedException if it ends, or never does
   */
  static void awaitListening(ProcessGroup group, Child server, int port)
      throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (server.isAlive() && System.nanoTime() < end) {
      try (Socket socket = new Socket()) {
        socket.connect(Loopback.address(port));
        return;
      } catch (IOException e) {
        Thread.sleep(POLL_MILLIS);
      }
    }
    throw group.failureOf(server, "does not listen on port " + port);
  }
}
