package io.tidemark.redis;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.redis.LeaseState.Acquire;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A lease on one server. Thread-safe.
 *
 * <p>Its requests may use different connections, and a server keeps no order between those. So a
 * release is sent only after the acquire has ended. An acquire that ended without an answer may
 * still be on its way, and a release that finds nothing proves nothing: it is repeated for the life
 * of a holding.
 *
 * <p>If its connection broke, an acquire is sent once more with the same token, which makes it
 * idempotent. The first sending may arrive last, so the release is then repeated whatever it finds.
 */
final class ServerLease implements Lease {
  private static final Logger LOG = LoggerFactory.getLogger(ServerLease.class);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final SlotKey key;
  private final LockCommands commands;
  private final Duration life;
  private final LockRequests requests;
  private final ClientPools pools;
  private final JedisFailures failures;
  private final LeaseState state = new LeaseState();

  ServerLease(
      SlotKey key,
      LockCommands commands,
      Duration life,
      LockRequests requests,
      ClientPools pools,
      JedisFailures failures) {
    this.key = key;
    this.commands = commands;
    this.life = life;
    this.requests = requests;
    this.pools = pools;
    this.failures = failures;
  }

  @Override
  public CompletableFuture<LockReply> acquire() {
    return requests.ask(this::acquireNow);
  }

  @Override
  public CompletableFuture<Boolean> renew() {
    return requests.ask(() -> pools.repeating(commands::renew));
  }

  @Override
  public void release() {
    if (state.release()) {
      // Not sent if the locks were closed in between: then it ends with its life.
      requests.tell(this::releaseNow);
    }
  }

  private LockReply acquireNow() {
    state.begin();
    Acquire end = Acquire.IN_DOUBT;
    try {
      LockReply reply = sendAcquire();
      end = reply instanceof LockReply.Acquired ? Acquire.HELD : Acquire.NOT_HELD;
      return reply;
    } catch (JedisException e) {
      RuntimeException failure = failures.ofWrite(key, e);
      end = failure instanceof OutcomeUnknownException ? Acquire.IN_DOUBT : Acquire.NOT_HELD;
      throw failure;
    } finally {
      if (state.end(end)) {
        releaseNow();
      }
    }
  }

  private LockReply sendAcquire() {
    try {
      return commands.acquire();
    } catch (JedisException e) {
      if (!pools.dropBroken(e) || !state.beginAgain()) {
        throw e;
      }
      LOG.debug("{}: a connection broke; asking for the lock once more with a new one", key, e);
      return commands.acquire();
    }
  }

  private void releaseNow() {
    release(FIRST_PAUSE, System.nanoTime() + life.toNanos());
  }

  @SuppressWarnings(
      "CatchingUnchecked") // Whatever the client throws, others are waiting for the lock.
  private void release(Duration pause, long endNanos) {
    boolean done = false;
    try {
      done = state.isOver(commands.release());
    } catch (Throwable e) {
      if (e instanceof JedisException failure) {
        pools.dropBroken(failure);
      }
      LOG.debug("{}: could not release the lock; trying again", key, e);
    }
    if (!done && System.nanoTime() - endNanos < 0) {
      Duration doubled = pause.multipliedBy(2);
      Duration next = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
      requests.tellLater(pause, () -> release(next, endNanos));
    }
  }
}
