package io.tidemark.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;

/** Ports of 127.0.0.1, where every server listens. */
public final class Loopback {
  private Loopback() {}

  /** 127.0.0.1 at that port; not {@code localhost}, which may be ::1 as well. */
  public static InetSocketAddress address(int port) throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
  }

  /** Whether a server could listen there at this moment. */
  public static boolean isFree(int port) {
    try {
      return isFree(address(port));
    } catch (UnknownHostException e) {
      throw new AssertionError("four bytes are an address", e);
    }
  }

  /** Whether a server could listen at that address of this machine at this moment. */
  public static boolean isFree(InetSocketAddress address) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
