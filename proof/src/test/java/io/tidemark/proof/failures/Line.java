package io.tidemark.proof.failures;

import io.tidemark.demo.services.ServerPorts;
import io.tidemark.testkit.TcpProxy;
import java.io.IOException;
import java.time.Duration;

/** A server, and a network of one's own to it. Both can fail. For one thread at a time. */
final class Line implements AutoCloseable {
  private static final Duration DELAY = Duration.ofMillis(20);

  private final Backend server;
  private final int port;
  private TcpProxy network;

  private Line(Backend server, int port) {
    this.server = server;
    this.port = port;
    this.network = TcpProxy.between(port, server.port());
  }

  /** Makes a network to a server that is up. */
  static Line to(Backend server) throws IOException {
    return new Line(server, ServerPorts.free(1).get(0));
  }

  /** Where the network begins. */
  int port() {
    return port;
  }

  void begin(Fault fault) throws Exception {
    switch (fault) {
      case SLOW -> network.slow(DELAY);
      case REFUSING -> network.refuse();
      case SWALLOWING -> network.swallow();
      case RESTARTED -> {
        server.stop();
        server.start();
      }
      case GONE -> {
        server.stop();
        network.close();
      }
    }
  }

  void end(Fault fault) throws Exception {
    if (fault == Fault.GONE) {
      server.start();
      network = TcpProxy.between(port, server.port());
    } else {
      network.forward();
    }
  }

  /** Ends the network. The server stays up. */
  @Override
  public void close() {
    network.close();
  }
}
