package io.tidemark.redis;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;
import redis.clients.jedis.ConnectionFactory;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.providers.PooledConnectionProvider;

/** Counts the round trips of a client at its sockets: each begins to read after it has written. */
final class RoundTrips {
  private final AtomicLong count = new AtomicLong();

  /** Creates a client whose round trips are counted, which the caller closes. */
  RedisClient client(int port) {
    HostAndPort address = RedisServer.address(port);
    JedisSocketFactory sockets =
        () -> {
          try {
            return new CountingSocket(address);
          } catch (IOException e) {
            throw new JedisConnectionException(e);
          }
        };
    return RedisClient.builder()
        .connectionProvider(
            new PooledConnectionProvider(
                new ConnectionFactory(sockets, DefaultJedisClientConfig.builder().build())))
        .build();
  }

  /** How many round trips the task takes. */
  long of(Runnable task) {
    long before = count.get();
    task.run();
    return count.get() - before;
  }

  private final class CountingSocket extends Socket {
    private volatile boolean hasWritten;

    CountingSocket(HostAndPort address) throws IOException {
      super(address.getHost(), address.getPort());
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
