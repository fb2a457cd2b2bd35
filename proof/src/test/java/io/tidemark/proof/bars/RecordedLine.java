package io.tidemark.proof.bars;

import io.tidemark.servers.Loopback;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A way to a server on 127.0.0.1 that keeps what passes. Bytes are kept before they are passed on.
 * Thread-safe.
 */
final class RecordedLine implements AutoCloseable {
  private static final int BUFFER_BYTES = 65_536;

  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final int server;
  private final List<Link> links = new CopyOnWriteArrayList<>();

  /** Begins to listen, for a server on that port. */
  RecordedLine(int server) throws IOException {
    this.server = server;
    start(this::accept);
  }

  /**
   * What passed on one connection.
   *
   * @param sent to the server
   * @param received from it
   */
  record Traffic(ByteBuffer sent, ByteBuffer received) {}

  /** Where clients connect. */
  int port() {
    return listener.getLocalPort();
  }

  /** What has passed on each connection since it was forgotten. */
  List<Traffic> look() {
    return links.stream().map(Link::traffic).toList();
  }

  /** Begins anew; call it only while nothing passes. */
  void forget() {
    links.forEach(Link::forget);
  }

  @Override
  public void close() {
    closeQuietly(listener);
    links.forEach(Link::close);
  }

  private void accept() {
    try {
      while (!listener.isClosed()) {
        Link link = new Link(listener.accept(), new Socket());
        links.add(link);
        link.server.connect(Loopback.address(server));
        link.client.setTcpNoDelay(true);
        link.server.setTcpNoDelay(true);
        start(() -> link.pump(link.client, link.server, link.sent));
        start(() -> link.pump(link.server, link.client, link.received));
      }
    } catch (IOException e) {
      if (!listener.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "recorded-line");
    thread.setDaemon(true);
    thread.start();
  }

  private static void closeQuietly(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      // It is of no more use either way.
    }
  }

  private static final class Link {
    private final Socket client;
    private final Socket server;
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    synchronized Traffic traffic() {
      return new Traffic(
          ByteBuffer.wrap(sent.toByteArray()), ByteBuffer.wrap(received.toByteArray()));
    }

    synchronized void forget() {
      sent.reset();
      received.reset();
    }

    private synchronized void keep(ByteArrayOutputStream kept, byte[] buffer, int length) {
      kept.write(buffer, 0, length);
    }

    private void pump(Socket from, Socket to, ByteArrayOutputStream kept) {
      byte[] buffer = new byte[BUFFER_BYTES];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
          keep(kept, buffer, length);
          out.write(buffer, 0, length);
        }
      } catch (IOException e) {
        // One side is gone, so the other goes too.
      }
      close();
    }

    void close() {
      closeQuietly(client);
      closeQuietly(server);
    }
  }
}
