package io.tidemark.redis;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A lease on one server. Thread-safe.
 *
 * <p>Its requests may use different connections, between which a server keeps no order. So a
 * release is sent only after the acquire has ended. Where the acquire ended without an answer it
 * may still be on its way, and a release that finds nothing proves nothing: it is repeated for the
 * life of a holding.
 *
 * <p>An acquire whose connection broke is sent once more, by the same token, for which a server
 * gives the lock again. Of two sendings the first may come last, and so the release is repeated
 * then whatever it finds.
 */
final class ServerLease implements Lease {
  private static final Logger LOG = LoggerFactory.getLogger(ServerLease.class);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private enum State {
    /** Nothing was sent. */
    NEW,
    /** The acquire is under way. */
    ACQUIRING,
    /** There is nothing to release. */
    NOT_HELD,
    /** It was acquired. */
    HELD,
    /** Nobody knows. */
    IN_DOUBT
  }

  private final LockServer server;
  private final SlotKey key;
  private final LockCommands lock;
  private State state = State.NEW;
  private boolean sentTwice;
  private boolean released;

  ServerLease(LockServer server, SlotKey key, LockCommands lock) {
    this.server = server;
    this.key = key;
    this.lock = lock;
  }

  @Override
  public CompletableFuture<LockReply> acquire() {
    return server.ask(this::acquireNow);
  }

  @Override
  public CompletableFuture<Boolean> renew() {
    return server.ask(() -> server.pools().repeating(lock::renew));
  }

  @Override
  public void release() {
    if (mustReleaseNow()) {
      // Closed in between: the life of what is held ends it.
      server.tell(this::releaseNow);
    }
  }

  private LockReply acquireNow() {
    begin();
    State end = State.IN_DOUBT;
    try {
      LockReply reply = sendAcquire();
      end = reply instanceof LockReply.Acquired ? State.HELD : State.NOT_HELD;
      return reply;
    } catch (JedisException e) {
      RuntimeException failure = server.failures().ofWrite(key, e);
      end = failure instanceof OutcomeUnknownException ? State.IN_DOUBT : State.NOT_HELD;
      throw failure;
    } finally {
      if (endedAfterRelease(end)) {
        releaseNow();
      }
    }
  }

  private LockReply sendAcquire() {
    try {
      return lock.acquire();
    } catch (JedisException e) {
      if (!server.pools().dropBroken(e) || !maySendAgain()) {
        throw e;
      }
      LOG.debug("{}: a connection broke; asking for the lock once more with a new one", key, e);
      return lock.acquire();
    }
  }

  private synchronized boolean maySendAgain() {
    sentTwice = !released;
    return sentTwice;
  }

  private synchronized void begin() {
    if (released) {
      throw new CancellationException("the caller left before it was asked for");
    }
    state = State.ACQUIRING;
  }

  private synchronized boolean endedAfterRelease(State end) {
    state = sentTwice ? State.IN_DOUBT : end;
    return released && state != State.NOT_HELD;
  }

  private synchronized boolean mustReleaseNow() {
    boolean isFirst = !released;
    released = true;
    return isFirst && (state == State.HELD || state == State.IN_DOUBT);
  }

  /** Whether nothing can be left of what was sent. */
  private synchronized boolean isOver(boolean gaveBack) {
    return state != State.IN_DOUBT || (gaveBack && !sentTwice);
  }

  private void releaseNow() {
    release(FIRST_PAUSE, System.nanoTime() + server.life().toNanos());
  }

  @SuppressWarnings("CatchingUnchecked") // Whatever the client throws, others wait for the lock.
  private void release(Duration pause, long endNanos) {
    boolean done = false;
    try {
      done = isOver(lock.release());
    } catch (Throwable e) {
      if (e instanceof JedisException failure) {
        server.pools().dropBroken(failure);
      }
      LOG.debug("{}: could not give the lock back; trying on", key, e);
    }
    if (!done && System.nanoTime() - endNanos < 0) {
      Duration doubled = pause.multipliedBy(2);
      Duration next = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
      server.tellLater(pause, () -> release(next, endNanos));
    }
  }
}
