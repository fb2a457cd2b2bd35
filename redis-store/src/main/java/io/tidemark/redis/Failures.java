package io.tidemark.redis;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.SlotKey;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * What a failed command has done, as far as what Jedis throws can tell: surely nothing, or nobody
 * knows. In doubt, nobody knows. Immutable and thread-safe.
 */
final class Failures {
  private final boolean sendsOnce;

  /**
   * For the failures of one client. Only two kinds of client are known to send a command at most
   * once. The others try again by themselves, so that their last failure tells nothing of the tries
   * before it.
   */
  Failures(UnifiedJedis jedis) {
    this.sendsOnce = jedis instanceof RedisClient || jedis instanceof RedisSentinelClient;
  }

  /**
   * Whether a connection broke that had been made, as all idle ones do when the server is started
   * anew; not whether one fell silent.
   */
  static boolean isBroken(JedisException failure) {
    // A client of a cluster tells of its last try as the cause.
    JedisException broken =
        failure.getCause() instanceof JedisConnectionException lastTry ? lastTry : failure;
    return broken instanceof JedisConnectionException
        && !isUnconnected(broken)
        && !(broken.getCause() instanceof SocketTimeoutException);
  }

  /** For a command that changes nothing. */
  UnavailableException ofRead(@Nullable SlotKey key, JedisException failure) {
    restoreInterrupt(failure);
    return new UnavailableException(key, message(failure), failure);
  }

  /** For a command that may change something. */
  TidemarkException ofWrite(@Nullable SlotKey key, JedisException failure) {
    restoreInterrupt(failure);
    return sendsOnce && (isRefusal(failure) || isUnsent(failure))
        ? new UnavailableException(key, message(failure), failure)
        : unknown(key, failure);
  }

  /** For a command in several parts, of which some were carried out. */
  static OutcomeUnknownException unknown(@Nullable SlotKey key, JedisException failure) {
    return new OutcomeUnknownException(
        key, "Redis' answer was lost, the command may have run: " + failure.getMessage(), failure);
  }

  /** The server's own words. Every script changes its slot in its last step, or not at all. */
  private static boolean isRefusal(JedisException failure) {
    return failure instanceof JedisDataException;
  }

  private static boolean isUnsent(JedisException failure) {
    return failure instanceof JedisConnectionException
        ? isUnconnected(failure)
        : isWithoutConnection(failure);
  }

  /**
   * Whether no connection was made: Jedis then throws an exception without a cause, with what each
   * address of the host threw as suppressed ones; or the host has no address.
   */
  private static boolean isUnconnected(JedisException failure) {
    Throwable[] attempts = failure.getSuppressed();
    return failure.getCause() instanceof UnknownHostException
        || (failure.getCause() == null
            && attempts.length > 0
            && Arrays.stream(attempts).allMatch(IOException.class::isInstance));
  }

  /** Whether the pool gave no connection: none was free in time, or the wait was interrupted. */
  private static boolean isWithoutConnection(JedisException failure) {
    return failure.getCause() instanceof NoSuchElementException
        || failure.getCause() instanceof InterruptedException;
  }

  private static void restoreInterrupt(JedisException failure) {
    if (failure.getCause() instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
  }

  private static String message(JedisException failure) {
    return "Redis: " + failure.getMessage();
  }
}
