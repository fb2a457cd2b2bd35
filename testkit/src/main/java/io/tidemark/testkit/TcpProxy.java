package io.tidemark.testkit;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A network between a client and a server that a test can break. It listens on a port of 127.0.0.1
 * and forwards to a port of 127.0.0.1. Thread-safe.
 *
 * <p>A new proxy forwards. {@link #slow}, {@link #refuse}, {@link #swallow} and {@link
 * #swallowReplies} each replace the fault before it; {@link #forward} ends it. None of them waits:
 * bytes that a proxy thread has already read may still take the old way.
 */
public final class TcpProxy implements AutoCloseable {
  private enum Mode {
    FORWARD,
    SLOW,
    SWALLOW,
    SWALLOW_REPLIES,
    REFUSE
  }

  private final ServerSocket listener;
  private final int targetPort;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private volatile Mode mode = Mode.FORWARD;
  private volatile Duration delay = Duration.ZERO;

  private TcpProxy(ServerSocket listener, int targetPort) {
    this.listener = listener;
    this.targetPort = targetPort;
  }

  /**
   * Starts a proxy.
   *
   * @param targetPort where the server listens, or will listen when a client connects
   * @throws UncheckedIOException if no port can be opened
   */
  public static TcpProxy to(int targetPort) {
    return between(0, targetPort);
  }

  /**
   * Starts a proxy like {@link #to} on a port of the caller's choice: again on the same one, say,
   * after a proxy was closed there.
   *
   * @param port where it listens, or 0 for any free port
   * @throws UncheckedIOException if the port cannot be opened
   */
  public static TcpProxy between(int port, int targetPort) {
    try {
      TcpProxy proxy =
          new TcpProxy(new ServerSocket(port, 50, InetAddress.getLoopbackAddress()), targetPort);
      start("accept", proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where clients connect. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Where clients connect, as {@code 127.0.0.1:port}. */
  public String address() {
    return listener.getInetAddress().getHostAddress() + ":" + port();
  }

  /** Forwards again. Connections that lost bytes meanwhile are reset: their peers cannot go on. */
  public void forward() {
    mode = Mode.FORWARD;
    links.stream().filter(link -> link.lostBytes).forEach(Link::reset);
  }

  /**
   * Forwards late: each direction of each connection rests for this time before it passes on what
   * it has read.
   */
  public void slow(Duration delay) {
    this.delay = delay;
    mode = Mode.SLOW;
  }

  /** Resets every connection, and each new one at once. */
  public void refuse() {
    mode = Mode.REFUSE;
    reset();
  }

  /** Keeps connections open and drops what either side sends. */
  public void swallow() {
    mode = Mode.SWALLOW;
  }

  /** Forwards what clients send and drops what the server answers: requests without replies. */
  public void swallowReplies() {
    mode = Mode.SWALLOW_REPLIES;
  }

  /** Resets every connection that is open now. Does not change what happens to later ones. */
  public void reset() {
    links.forEach(Link::reset);
  }

  /** Resets every connection and stops listening. Idempotent. */
  @Override
  public void close() {
    mode = Mode.REFUSE;
    closeQuietly(listener);
    reset();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Link link = new Link(listener.accept());
        links.add(link);
        // Looked at after the link was added: refuse() resets what it finds, this the rest.
        if (mode == Mode.REFUSE) {
          link.reset();
        } else {
          start("connect", link::open);
        }
      } catch (IOException e) {
        // The listener was closed, or a client went away: the loop's condition tells which.
      }
    }
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, "tcp-proxy-" + name);
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

  private final class Link {
    private final Socket client;
    private final Socket server = new Socket();
    private volatile boolean lostBytes;

    Link(Socket client) {
      this.client = client;
    }

    void open() {
      try {
        server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort));
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        start("requests", () -> pump(client, server, Mode.SWALLOW_REPLIES));
        pump(server, client, Mode.FORWARD);
      } catch (IOException e) {
        reset();
      }
    }

    /** Moves bytes until either side ends, or drops them, as the mode says. */
    private void pump(Socket from, Socket to, Mode alsoForwarding) {
      byte[] buffer = new byte[8192];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        int length = in.read(buffer);
        while (length >= 0) {
          Mode now = mode;
          if (now == Mode.SLOW) {
            TimeUnit.NANOSECONDS.sleep(delay.toNanos());
          }
          if (now == Mode.FORWARD || now == Mode.SLOW || now == alsoForwarding) {
            out.write(buffer, 0, length);
          } else {
            lostBytes = true;
            // Looked at after the loss was noted: forward() resets what it finds, this the rest.
            if (mode == Mode.FORWARD) {
              break;
            }
          }
          length = in.read(buffer);
        }
      } catch (IOException | InterruptedException e) {
        // One side is gone, so the other goes too. Nobody interrupts these threads.
      }
      reset();
    }

    void reset() {
      abort(client);
      abort(server);
      links.remove(this);
    }

    /** Closes with RST instead of FIN, as a crash or a firewall does. */
    private static void abort(Socket socket) {
      try {
        socket.setSoLinger(true, 0);
      } catch (SocketException e) {
        // It is closed already.
      }
      closeQuietly(socket);
    }
  }
}
