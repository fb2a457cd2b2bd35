package io.tidemark.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that cannot be told to take any free one. They lie below the range from which
 * Linux and macOS take the ports of outgoing connections, so that none of those can have the port
 * by the time the server binds it, and no test of this process is given one twice. Thread-safe.
 */
public final class FreePort {
  private static final int LOWEST = 10_000;
  private static final int COUNT = 10_000;
  private static final int MOST_LOOKS = 1_000;

  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private FreePort() {}

  /**
   * A port that is free on 127.0.0.1 at this moment, from 10,000 to 19,999.
   *
   * @throws IllegalStateException if none is found
   */
  public static int any() {
    for (int look = 0; look < MOST_LOOKS; look++) {
      int port = LOWEST + ThreadLocalRandom.current().nextInt(COUNT);
      // One that was given is not looked at: its server may be about to start again.
      if (GIVEN.add(port) && isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException(
        "no free port from %d to %d".formatted(LOWEST, LOWEST + COUNT - 1));
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
