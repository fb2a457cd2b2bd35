package io.tidemark.proof.failures;

import io.tidemark.demo.services.ServerPorts;
import io.tidemark.testkit.TcpProxy;
import java.io.IOException;
import java.time.Duration;

/** A server, and the network through which one process uses it. Both can fail. For one thread. */
final class Line implements AutoCloseable {
  /** There and back within the clients' limits, also for the few round trips of a lock. */
  private static final Duration DELAY = Duration.ofMillis(20);

  private final Backend server;
  private final int port;
  private TcpProxy network;

  private Line(Backend server, int port) {
    this.server = server;
    this.port = port;
    this.network = TcpProxy.between(port, server.port());
  }

  /** Starts the server. */
  static Line to(Backend server) throws Exception {
    server.start();
    return new Line(server, ServerPorts.free(1).get(0));
  }

  /** Where the network begins. */
  int port() {
    return port;
  }

  /** Where the server is, past the network. */
  int directPort() {
    return server.port();
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

  @Override
  public void close() throws IOException {
    network.close();
    server.stop();
  }
}
