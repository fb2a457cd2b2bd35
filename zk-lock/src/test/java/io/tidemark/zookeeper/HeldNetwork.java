package io.tidemark.zookeeper;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A network from one server to another that loses nothing and keeps the order, but can hold what
 * either side sends for as long as a test likes. Thread-safe.
 */
final class HeldNetwork implements AutoCloseable {
  private final ServerSocket listener;
  private final int targetPort;
  private final Way requests = new Way();
  private final Way answers = new Way();

  HeldNetwork(int targetPort) {
    this.targetPort = targetPort;
    try {
      this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** From the side that connects. */
  Way requests() {
    return requests;
  }

  /** To the side that connects. */
  Way answers() {
    return answers;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    requests.release();
    answers.release();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        connect(listener.accept());
      } catch (IOException e) {
        // The listener was closed, or nobody listens there: its state tells which.
      }
    }
  }

  private void connect(Socket client) throws IOException {
    try {
      Socket server = new Socket(InetAddress.getLoopbackAddress(), targetPort);
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      requests.forward(client, server);
      answers.forward(server, client);
    } catch (IOException e) {
      client.close();
      throw e;
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "held-network");
    thread.setDaemon(true);
    thread.start();
  }

  /** One direction. */
  static final class Way {
    private boolean held;
    private byte[] wanted = {};
    private int seen;

    synchronized void hold() {
      held = true;
    }

    synchronized void release() {
      held = false;
      notifyAll();
    }

    /** Counts from now on how often some bytes are sent, whether they are held or not. */
    synchronized void countFromNow(byte[] bytes) {
      wanted = bytes.clone();
      seen = 0;
    }

    synchronized int seen() {
      return seen;
    }

    private void forward(Socket from, Socket to) {
      BlockingQueue<byte[]> underWay = new LinkedBlockingQueue<>();
      start(() -> read(from, underWay));
      start(() -> write(to, underWay));
    }

    private void read(Socket from, BlockingQueue<byte[]> underWay) {
      byte[] buffer = new byte[65_536];
      try {
        InputStream in = from.getInputStream();
        byte[] before = {};
        for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
          byte[] sent = Arrays.copyOf(buffer, length);
          before = count(before, sent);
          underWay.add(sent);
        }
      } catch (IOException e) {
        // The end.
      }
      underWay.add(new byte[0]);
    }

    /**
     * Counts also what began in the read before.
     *
     * @param before how that read ended
     * @return how this one ends, too short to be counted again
     */
    private synchronized byte[] count(byte[] before, byte[] read) {
      if (wanted.length == 0) {
        return wanted;
      }
      byte[] sent = Arrays.copyOf(before, before.length + read.length);
      System.arraycopy(read, 0, sent, before.length, read.length);
      for (int at = 0; at + wanted.length <= sent.length; at++) {
        if (Arrays.equals(sent, at, at + wanted.length, wanted, 0, wanted.length)) {
          seen++;
        }
      }
      return Arrays.copyOfRange(sent, Math.max(0, sent.length - (wanted.length - 1)), sent.length);
    }

    private void write(Socket to, BlockingQueue<byte[]> underWay) {
      try (to) {
        for (byte[] sent = underWay.take(); sent.length > 0; sent = underWay.take()) {
          awaitRelease();
          to.getOutputStream().write(sent);
        }
      } catch (IOException | InterruptedException e) {
        // The end. Nobody interrupts these threads.
      }
    }

    private synchronized void awaitRelease() throws InterruptedException {
      while (held) {
        wait();
      }
    }
  }
}
