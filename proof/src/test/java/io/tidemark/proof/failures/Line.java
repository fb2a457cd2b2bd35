package io.tidemark.proof.failures;

import static org.awaitility.Awaitility.await;

import io.tidemark.servers.RestartableServer;
import io.tidemark.testkit.FreePort;
import io.tidemark.testkit.TcpProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;

/** A server, and a network of one's own to it. Both can fail. For one thread at a time. */
final class Line implements AutoCloseable {
  private static final Duration DELAY = Duration.ofMillis(20);

  private final RestartableServer server;
  private final int port;
  private TcpProxy network;

  private Line(RestartableServer server, TcpProxy network) {
    this.server = server;
    this.port = network.port();
    this.network = network;
  }

  /** Makes a network to a server that is up. */
  static Line to(RestartableServer server) throws IOException {
    while (true) {
      // No port of the kernel's choice: that could go to a connection while the network is gone.
      int port = FreePort.any();
      try {
        return new Line(server, TcpProxy.between(port, server.port()));
      } catch (UncheckedIOException e) {
        // Somebody else has taken the port since it was free.
      }
    }
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
      // Another process that looks for a free port may hold this one for a moment.
      network =
          await()
              .atMost(FaultyWorld.PATIENCE)
              .ignoreExceptionsInstanceOf(UncheckedIOException.class)
              .until(() -> TcpProxy.between(port, server.port()), Objects::nonNull);
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
