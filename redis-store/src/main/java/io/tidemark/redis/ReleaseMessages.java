package io.tidemark.redis;

import io.tidemark.spi.DaemonThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Receives messages about released holdings, by one subscription on one connection and one daemon
 * thread, from the first listener on. Thread-safe.
 *
 * <p>It pings the server. A subscription that breaks, or is unconfirmed or silent for the time of
 * some pings, is started again after a pause. Listeners are told that they may have missed
 * messages, both when it ends and when it is back.
 */
final class ReleaseMessages implements AutoCloseable {
  static final String THREAD_NAME = "tidemark-redis-lock-released";
  static final Duration PING_INTERVAL = Duration.ofSeconds(1);

  /** The time of some pings. */
  private static final Duration LONGEST_SILENCE = PING_INTERVAL.multipliedBy(3);

  private static final Duration RESTART_PAUSE = Duration.ofMillis(500);
  private static final Logger LOG = LoggerFactory.getLogger(ReleaseMessages.class);

  /** Waits for one holding. Its methods do not block. */
  interface Listener {
    /** The holding was released. */
    void onReleased();

    /** It may have been released: messages may have been missed, or will be. */
    void onLookAgain();
  }

  private final Supplier<Connection> connections;
  private final ScheduledExecutorService timer;
  private final ConcurrentMap<String, Listener> listeners = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean heard;
  private boolean started;
  private @Nullable Connection connection;

  /**
   * Messages that nobody listens to yet.
   *
   * @param connections opens a connection for each subscription
   * @param timer for the pings
   */
  ReleaseMessages(Supplier<Connection> connections, ScheduledExecutorService timer) {
    this.connections = connections;
    this.timer = timer;
  }

  /** Whether messages are received now. */
  boolean areHeard() {
    return heard;
  }

  /** Listens for a holding, and subscribes first if necessary. */
  void listen(String token, Listener listener) {
    listeners.put(token, listener);
    start();
  }

  void forget(String token, Listener listener) {
    listeners.remove(token, listener);
  }

  @Override
  public synchronized void close() {
    closed.countDown();
    if (connection != null) {
      abort(connection);
    }
  }

  private synchronized void start() {
    if (!started && !isClosed()) {
      try {
        DaemonThreads.named(THREAD_NAME).newThread(this::run).start();
        started = true;
      } catch (Error e) {
        // No thread can be started. The next listener tries again; until then, all look.
        LOG.debug("Messages about released locks are not received", e);
      }
    }
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  @SuppressWarnings("CatchingUnchecked") // Even an Error may be over at the next attempt.
  private void run() {
    while (!isClosed()) {
      try {
        subscribe();
      } catch (Throwable e) {
        // Whatever it is, waiting callers poll until there is a subscription again.
        LOG.debug("Messages about released locks are not received; trying again", e);
      } finally {
        if (heard) {
          heard = false;
          listeners.values().forEach(Listener::onLookAgain);
        }
      }
      pause();
    }
  }

  private void subscribe() {
    try (Connection opened = connections.get()) {
      Subscription subscription = new Subscription(opened);
      try {
        if (use(opened)) {
          subscription.expectConfirmation();
          subscription.proceed(opened, ScriptedLocks.CHANNEL);
        }
      } finally {
        subscription.end();
        // A subscribed connection cannot be used for anything else.
        opened.setBroken();
      }
    }
  }

  /** Returns whether to use it: a connection that close() does not find here is not used. */
  private synchronized boolean use(Connection opened) {
    connection = opened;
    return !isClosed();
  }

  private void pause() {
    try {
      closed.await(RESTART_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      // Nobody interrupts this thread. If somebody did, it would only try again sooner.
    }
  }

  /** Ends the wait for messages from another thread. */
  private static void abort(Connection connection) {
    try {
      connection.forceDisconnect();
    } catch (IOException e) {
      LOG.debug("Could not close a connection", e);
    }
  }

  private final class Subscription extends JedisPubSub {
    private final Connection on;
    private @Nullable ScheduledFuture<?> confirmation;
    private @Nullable ScheduledFuture<?> pings;

    Subscription(Connection on) {
      this.on = on;
    }

    /** Limits the wait for the confirmation, which Jedis does not. */
    void expectConfirmation() {
      confirmation =
          timer.schedule(() -> abort(on), LONGEST_SILENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void onSubscribe(String channel, int subscribedChannels) {
      cancel(confirmation);
      // Jedis connects again where close() came before it had sent the command.
      if (!use(on)) {
        abort(on);
        return;
      }
      on.setSoTimeout(Math.toIntExact(LONGEST_SILENCE.toMillis()));
      try {
        pings =
            timer.scheduleWithFixedDelay(
                this::pingQuietly,
                PING_INTERVAL.toMillis(),
                PING_INTERVAL.toMillis(),
                TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        // It was closed meanwhile, which ends the connection too.
        return;
      }
      heard = true;
      listeners.values().forEach(Listener::onLookAgain);
    }

    @Override
    public void onMessage(String channel, String token) {
      Listener listener = listeners.get(token);
      if (listener != null) {
        listener.onReleased();
      }
    }

    void end() {
      cancel(confirmation);
      cancel(pings);
    }

    private static void cancel(@Nullable ScheduledFuture<?> task) {
      if (task != null) {
        task.cancel(false);
      }
    }

    private void pingQuietly() {
      try {
        ping();
      } catch (JedisException e) {
        LOG.debug("Could not ping", e);
      }
    }
  }
}
