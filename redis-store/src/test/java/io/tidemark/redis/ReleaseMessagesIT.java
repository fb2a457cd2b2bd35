package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.testkit.Awaiting;
import io.tidemark.testkit.TcpProxy;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Connection;
import redis.clients.jedis.RedisClient;

/** The beginning of a subscription, and what can go wrong meanwhile. */
class ReleaseMessagesIT {
  private static final ReleaseMessages.Listener NOBODY =
      new ReleaseMessages.Listener() {
        @Override
        public void onReleased() {}

        @Override
        public void onLookAgain() {}
      };

  private final ScheduledExecutorService timer = LockRequests.newTimer();
  private final Queue<Supplier<Connection>> first = new ConcurrentLinkedQueue<>();
  private final AtomicInteger opened = new AtomicInteger();
  private RedisServer server;
  private RedisClient client;
  private ReleaseMessages messages;

  @BeforeEach
  void start() {
    server = RedisServer.start();
    client = server.client();
    messages = new ReleaseMessages(this::next, timer);
  }

  @AfterEach
  void stop() {
    messages.close();
    timer.shutdownNow();
    client.close();
    server.close();
  }

  /** A firewall may drop a connection silently: nothing that is sent on it arrives. */
  @Test
  void listen_connectionIsSilentAfterItWasMade_isHeardOnAnotherOne() {
    try (TcpProxy proxy = TcpProxy.to(server.port());
        RedisClient proxied = RedisServer.client(proxy.port())) {
      first.add(
          () -> {
            Connection made = new ClientPools(proxied).newConnection();
            proxy.swallow();
            return made;
          });

      messages.listen("nobody's", NOBODY);

      await().until(messages::areHeard);
      assertThat(opened).hasValue(2);
    }
  }

  @Test
  void listen_errorWhileItConnects_isHeardAllTheSame() {
    first.add(
        () -> {
          throw new OutOfMemoryError("unable to create native thread");
        });

    messages.listen("nobody's", NOBODY);

    await().until(messages::areHeard);
    assertThat(opened).hasValue(2);
  }

  /** Jedis connects again where another thread has closed the connection. */
  @Test
  void close_whileItSubscribes_endsTheSubscription() {
    CompletableFuture<Boolean> ended = new CompletableFuture<>();
    first.add(
        () ->
            new Connection(RedisServer.address(server.port())) {
              @Override
              public void setTimeoutInfinite() {
                messages.close();
                super.setTimeoutInfinite();
              }

              @Override
              public void close() {
                super.close();
                ended.complete(isConnected());
              }
            });

    messages.listen("nobody's", NOBODY);

    assertThat(ended).succeedsWithin(Awaiting.LIMIT).isEqualTo(false);
  }

  private Connection next() {
    opened.incrementAndGet();
    Supplier<Connection> next = first.poll();
    return next == null ? new ClientPools(client).newConnection() : next.get();
  }
}
