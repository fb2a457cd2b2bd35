package io.tidemark.servers;

import io.tidemark.processes.Child;
import io.tidemark.processes.ChildDiedException;
import io.tidemark.processes.ProcessGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;

/** Ports of 127.0.0.1, where every server listens. */
public final class Loopback {
  /** What only a server that hangs can miss. */
  private static final Duration START = Duration.ofMinutes(10);

  private static final int POLL_MILLIS = 20;

  private Loopback() {}

  /** 127.0.0.1 at that port; not {@code localhost}, which may be ::1 as well. */
  public static InetSocketAddress address(int port) throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
  }

  /** Whether a server could listen there at this moment. */
  public static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address(port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Waits until a server that was started accepts connections.
   *
   * @throws ChildDiedException if it ends, or never does
   */
  static void awaitListening(ProcessGroup group, Child server, int port)
      throws InterruptedException {
    long end = System.nanoTime() + START.toNanos();
    while (server.isAlive() && System.nanoTime() < end) {
      try (Socket socket = new Socket()) {
        socket.connect(address(port));
        return;
      } catch (IOException e) {
        Thread.sleep(POLL_MILLIS);
      }
    }
    throw group.failureOf(server, "does not listen on port " + port);
  }
}
