package io.tidemark.redis;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import redis.clients.jedis.exceptions.JedisClusterOperationException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/** What an exception of Jedis says about the connection that a command was to use. */
final class ConnectionFailures {
  private ConnectionFailures() {}

  /**
   * Whether an established connection broke, as all idle ones do when the server restarts. A
   * connection that fell silent is not broken.
   */
  static boolean isBroken(JedisException failure) {
    JedisException broken = lastTry(failure);
    return broken instanceof JedisConnectionException
        && !isUnconnected(broken)
        && !isSilent(broken);
  }

  /** The last failure of a cluster client: in Jedis 8 it is the cause, in Jedis 7 suppressed. */
  private static JedisException lastTry(JedisException failure) {
    return failure instanceof JedisClusterOperationException
        ? Stream.concat(
                Stream.ofNullable(failure.getCause()), Arrays.stream(failure.getSuppressed()))
            .filter(JedisConnectionException.class::isInstance)
            .map(JedisException.class::cast)
            .findFirst()
            .orElse(failure)
        : failure;
  }

  /** Whether an established connection gave no answer in time. */
  static boolean isSilent(JedisException failure) {
    return failure instanceof JedisConnectionException
        && failure.getCause() instanceof SocketTimeoutException;
  }

  /** Whether there was no connection, so that the command was not sent. */
  static boolean isUnsent(JedisException failure) {
    return failure instanceof JedisConnectionException
        ? isUnconnected(failure)
        : failure instanceof NotSentException || isWithoutConnection(failure);
  }

  /** Whether the server is silent or gives no connection, so that the next call would wait too. */
  static boolean isUnreachable(JedisException failure) {
    return isSilent(failure) || isUnsent(failure);
  }

  /** Whether all connections of the pool stayed in use until the wait for one ended. */
  static boolean isPoolExhausted(JedisException failure) {
    return failure.getCause() instanceof NoSuchElementException;
  }

  /** Interrupts the thread again if its wait for a connection was interrupted. */
  static void restoreInterrupt(JedisException failure) {
    if (failure.getCause() instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Whether no connection could be made. Jedis then throws an exception that has no cause, and as
   * suppressed ones what each address of the host threw; or the host has no address.
   */
  private static boolean isUnconnected(JedisException failure) {
    List<Throwable> attempts =
        Arrays.stream(failure.getSuppressed()).filter(thrown -> !(thrown instanceof Way)).toList();
    return failure.getCause() instanceof UnknownHostException
        || (failure.getCause() == null
            && !attempts.isEmpty()
            && attempts.stream().allMatch(IOException.class::isInstance));
  }

  /** Whether the pool gave no connection: exhausted, interrupted, or closed. */
  private static boolean isWithoutConnection(JedisException failure) {
    return isPoolExhausted(failure)
        || failure.getCause() instanceof InterruptedException
        || failure.getCause() instanceof IllegalStateException;
  }
}
