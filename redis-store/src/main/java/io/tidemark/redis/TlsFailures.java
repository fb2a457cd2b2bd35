package io.tidemark.redis;

import java.io.EOFException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import redis.clients.jedis.exceptions.JedisException;

/** What an exception of Jedis says about TLS. */
final class TlsFailures {
  private TlsFailures() {}

  /**
   * What client and server do not agree on: a certificate, say, or whether to use TLS at all.
   *
   * @return empty if it is something else, such as a connection that ended meanwhile
   */
  static Optional<String> words(JedisException failure) {
    return causes(failure)
        .filter(SSLException.class::isInstance)
        .filter(e -> causes(e).noneMatch(TlsFailures::isEnd))
        .map(e -> String.valueOf(e.getMessage()))
        .findFirst();
  }

  private static boolean isEnd(Throwable cause) {
    return cause instanceof EOFException
        || cause instanceof SocketException
        || cause instanceof SocketTimeoutException;
  }

  /** An exception and its causes, and what Jedis suppresses for each address of a host. */
  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.concat(
        Stream.of(failure),
        Stream.concat(Stream.ofNullable(failure.getCause()), Arrays.stream(failure.getSuppressed()))
            .flatMap(TlsFailures::causes));
  }
}
