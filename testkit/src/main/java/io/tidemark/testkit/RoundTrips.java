package io.tidemark.testkit;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the round trips of a client at its sockets: each begins to read after it has written. A
 * proxy could not tell, because a server may answer the first commands of a pipeline before the
 * last one has arrived. Thread-safe.
 */
public final class RoundTrips {
  private final AtomicLong count = new AtomicLong();

  /** Opens a socket whose round trips are counted, and which the caller closes. */
  public Socket connect(InetSocketAddress server) throws IOException {
    return new CountingSocket(server);
  }

  /** Returns how many round trips the task takes, and all others do meanwhile. */
  public long of(Runnable task) {
    long before = count.get();
    task.run();
    return count.get() - before;
  }

  private final class CountingSocket extends Socket {
    private volatile boolean hasWritten;

    CountingSocket(InetSocketAddress server) throws IOException {
      super(server.getAddress(), server.getPort());
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream()) {
        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
          hasWritten = true;
          out.write(bytes, from, length);
        }
      };
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
          if (hasWritten) {
            hasWritten = false;
            count.incrementAndGet();
          }
          return super.read(bytes, from, length);
        }
      };
    }
  }
}
