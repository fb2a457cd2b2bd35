package io.tidemark.redis;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.RefusedException;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.Finding;
import io.tidemark.spi.SlotKey;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Translates what Jedis throws into the exceptions of Tidemark, by what the failed command has
 * done: surely nothing, or unknown. In doubt it is unknown. Immutable and thread-safe.
 */
final class JedisFailures {
  /** What a server answers while it starts, moves data or is busy: soon it may accept commands. */
  private static final List<String> PASSING =
      List.of("LOADING", "BUSY", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN");

  /** What Redis before 7 puts before the message of an error in a script. */
  private static final Pattern PLACE_IN_SCRIPT =
      Pattern.compile("^ERR Error running script \\(call to [^)]+\\): (@user_script: ?\\d+: )*-?");

  /** What Jedis ends some messages with. Here, more follows. */
  private static final Pattern FULL_STOP = Pattern.compile("(?<![.])[.]$");

  private static final String CLOSED = "the Redis client is closed";

  private final boolean sendsOnce;
  private final ClientPools pools;

  /**
   * Translates the failures of one client. Those of unknown kinds may try again by themselves, so
   * their last failure says nothing about the tries before it.
   */
  JedisFailures(UnifiedJedis jedis) {
    this.pools = new ClientPools(jedis);
    this.sendsOnce = Commands.sendOnceWith(jedis);
  }

  /** Whether the key holds a type other than a string, which Tidemark never writes. */
  static boolean isWrongType(JedisException failure) {
    return isRefusal(failure) && words(failure).startsWith("WRONGTYPE");
  }

  /** Translates the failure of a command that changes nothing. */
  UnavailableException ofRead(@Nullable SlotKey key, JedisException failure) {
    return ofNothing(key, failure);
  }

  /** Translates the failure of a command that may change something. */
  TidemarkException ofWrite(@Nullable SlotKey key, JedisException failure) {
    return sendsOnce ? ofSentOnce(key, failure) : ofUnknown(key, failure);
  }

  /**
   * Translates the failure of a command that may change something and was sent at most once,
   * whatever the client: in a pipeline.
   */
  TidemarkException ofSentOnce(@Nullable SlotKey key, JedisException failure) {
    return isRefusal(failure) || ConnectionFailures.isUnsent(failure)
        ? ofNothing(key, failure)
        : ofUnknown(key, failure);
  }

  /**
   * Translates the failure of a command that may change something and is idempotent: if the server
   * refused it last, it need not be repeated, whatever became of an earlier sending.
   */
  TidemarkException ofRepeatable(@Nullable SlotKey key, JedisException failure) {
    return isRefusal(failure) ? ofNothing(key, failure) : ofWrite(key, failure);
  }

  /** Translates the failure of a command that was carried out in part. */
  static OutcomeUnknownException unknown(@Nullable SlotKey key, JedisException failure) {
    return new OutcomeUnknownException(
        key,
        "the answer of Redis was lost, and the command may have run: " + words(failure),
        failure);
  }

  /** Reports a failure of a command that the cache needs. */
  Finding finding(String subject, JedisException failure) {
    if (pools.areClosed()) {
      return Finding.error(subject, CLOSED, "build the cache with a client that is open");
    }
    if (isRefusal(failure) && !isPassing(failure)) {
      String words = words(failure);
      return Finding.error(
          subject,
          "the server refuses a command that is needed: " + words,
          Refusal.of(words).advice());
    }
    return TlsFailures.words(failure)
        .map(words -> withoutTls(subject, words))
        .orElseGet(
            () ->
                Finding.warning(
                    subject, "the check failed: " + words(failure), "repeat the check later"));
  }

  private static Finding withoutTls(String subject, String words) {
    return Finding.error(
        subject,
        "no TLS connection can be made: " + words,
        "compare what client and server trust, and the certificate with the name that the client"
            + " connects to");
  }

  /** Whether the server refused. Nothing was done then: a script writes in its last step. */
  private static boolean isRefusal(JedisException failure) {
    return failure instanceof JedisDataException;
  }

  private UnavailableException ofNothing(@Nullable SlotKey key, JedisException failure) {
    if (pools.areClosed()) {
      // An interrupted wait for a connection was interrupted by closing the client.
      return new RefusedException(key, CLOSED, failure);
    }
    ConnectionFailures.restoreInterrupt(failure);
    String message = "Redis: " + words(failure);
    if (ConnectionFailures.isPoolExhausted(failure)) {
      return new UnavailableException(key, message + pools.limits(), failure);
    }
    return isRefusal(failure) && !isPassing(failure)
        ? new RefusedException(key, message, failure)
        : new UnavailableException(key, message, failure);
  }

  private OutcomeUnknownException ofUnknown(@Nullable SlotKey key, JedisException failure) {
    ConnectionFailures.restoreInterrupt(failure);
    return unknown(key, failure);
  }

  /** The message of a failed verb, without its key. */
  static String words(TidemarkException failure) {
    if (!(failure.getCause() instanceof JedisException redis)) {
      return String.valueOf(failure.getMessage());
    }
    // RefusedException means that a server refused, or that the client is closed.
    return failure instanceof RefusedException && !isRefusal(redis) ? CLOSED : words(redis);
  }

  /**
   * The message of a failure, without its place in a script and without a full stop, and the way of
   * its command through a cluster.
   */
  static String words(JedisException failure) {
    String message = String.valueOf(failure.getMessage());
    String words =
        FULL_STOP.matcher(PLACE_IN_SCRIPT.matcher(message).replaceFirst("")).replaceFirst("");
    String way = Way.of(failure);
    return way.isEmpty() ? words : words + ", at " + way;
  }

  private static boolean isPassing(JedisException failure) {
    String words = words(failure);
    return PASSING.stream().anyMatch(words::startsWith);
  }
}
