package io.tidemark.redis;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.RefusedException;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.Finding;
import io.tidemark.spi.SlotKey;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.regex.Pattern;
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
final class JedisFailures {
  /** What a server says while it starts, moves data or is busy: it may soon say something else. */
  private static final List<String> PASSING =
      List.of("LOADING", "BUSY", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN");

  /** What Redis before 7 puts before its own words. */
  private static final Pattern PLACE_IN_SCRIPT =
      Pattern.compile("^ERR Error running script \\(call to [^)]+\\): (@user_script: ?\\d+: )*-?");

  private static final String CLOSED = "the Redis client is closed";

  private final boolean sendsOnce;
  private final ClientPools pools;

  /**
   * For the failures of one client. Only two kinds of client are known to send a command at most
   * once. The others try again by themselves, so that their last failure tells nothing of the tries
   * before it.
   */
  JedisFailures(UnifiedJedis jedis) {
    this.pools = new ClientPools(jedis);
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
        && !isSilent(broken);
  }

  /** Whether a connection that had been made gave no answer in time. */
  static boolean isSilent(JedisException failure) {
    return failure instanceof JedisConnectionException
        && failure.getCause() instanceof SocketTimeoutException;
  }

  /** Whether a key holds something else than a string: what is there is not Tidemark's. */
  static boolean isWrongType(JedisException failure) {
    return isRefusal(failure) && words(failure).startsWith("WRONGTYPE");
  }

  /** For a command that changes nothing. */
  UnavailableException ofRead(@Nullable SlotKey key, JedisException failure) {
    return ofNothing(key, failure);
  }

  /** For a command that may change something. */
  TidemarkException ofWrite(@Nullable SlotKey key, JedisException failure) {
    return sendsOnce && (isRefusal(failure) || isUnsent(failure))
        ? ofNothing(key, failure)
        : ofUnknown(key, failure);
  }

  /**
   * For a command that may change something, and may be repeated freely: what the server refused
   * last it need not be asked again, whatever became of an earlier sending.
   */
  TidemarkException ofRepeatable(@Nullable SlotKey key, JedisException failure) {
    return isRefusal(failure) ? ofNothing(key, failure) : ofWrite(key, failure);
  }

  /** For a command in several parts, of which some were carried out. */
  static OutcomeUnknownException unknown(@Nullable SlotKey key, JedisException failure) {
    return new OutcomeUnknownException(
        key, "Redis' answer was lost, the command may have run: " + words(failure), failure);
  }

  /** What a failure says of the set-up of a server. */
  Finding finding(String subject, JedisException failure) {
    if (pools.areClosed()) {
      return closed(subject);
    }
    return isRefusal(failure) && !isPassing(failure)
        ? Finding.error(
            subject,
            "the server refuses what is needed: " + words(failure),
            "let this user do it, on a server that can be written to")
        : cannotBeAsked(subject, failure);
  }

  /** That there is nothing to ask with. */
  private static Finding closed(String subject) {
    return Finding.error(subject, CLOSED, "build the cache with a client that is open");
  }

  /** What a server that does not tell about its set-up lacks, which it may do without. */
  Finding unasked(String subject, JedisException failure) {
    return pools.areClosed() ? closed(subject) : cannotBeAsked(subject, failure);
  }

  private static Finding cannotBeAsked(String subject, JedisException failure) {
    return Finding.warning(subject, "it cannot be asked: " + words(failure), "check it later");
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

  /**
   * Whether the pool gave no connection: none was free in time, the wait was interrupted, or the
   * pool is closed.
   */
  private static boolean isWithoutConnection(JedisException failure) {
    return failure.getCause() instanceof NoSuchElementException
        || failure.getCause() instanceof InterruptedException
        || failure.getCause() instanceof IllegalStateException;
  }

  private UnavailableException ofNothing(@Nullable SlotKey key, JedisException failure) {
    if (pools.areClosed()) {
      // Those who waited for a connection were interrupted by that, and by nobody else.
      return new RefusedException(key, CLOSED, failure);
    }
    restoreInterrupt(failure);
    String message = "Redis: " + words(failure);
    if (failure.getCause() instanceof NoSuchElementException) {
      return new UnavailableException(key, message + pools.limits(), failure);
    }
    return isRefusal(failure) && !isPassing(failure)
        ? new RefusedException(key, message, failure)
        : new UnavailableException(key, message, failure);
  }

  private OutcomeUnknownException ofUnknown(@Nullable SlotKey key, JedisException failure) {
    restoreInterrupt(failure);
    return unknown(key, failure);
  }

  /** What went wrong with a verb of the store or the locks, without its key. */
  static String words(TidemarkException failure) {
    if (!(failure.getCause() instanceof JedisException redis)) {
      return String.valueOf(failure.getMessage());
    }
    // Nothing but a server's answer and a closed client is refused.
    return failure instanceof RefusedException && !isRefusal(redis) ? CLOSED : words(redis);
  }

  /** What went wrong, without where in a script the server says that it did. */
  static String words(JedisException failure) {
    return PLACE_IN_SCRIPT.matcher(String.valueOf(failure.getMessage())).replaceFirst("");
  }

  private static boolean isPassing(JedisException failure) {
    String words = words(failure);
    return PASSING.stream().anyMatch(words::startsWith);
  }

  /** The wait for a connection ended by it, and the caller is to see it as well. */
  static void restoreInterrupt(JedisException failure) {
    if (failure.getCause() instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
  }
}
