package io.tidemark.redis;

import java.io.Serial;
import java.util.Arrays;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Which servers of a cluster a failed command went to, noted on what Jedis throws, whose class says
 * what became of the command.
 */
final class Way extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private Way(String way) {
    super(way, null, false, false);
  }

  /**
   * Notes a way on a failure, unless one is noted already: many commands may share a failure.
   *
   * @return the failure
   */
  static <E extends JedisException> E noted(E failure, Object way) {
    if (of(failure).isEmpty()) {
      failure.addSuppressed(new Way(way.toString()));
    }
    return failure;
  }

  /** The way that is noted on a failure; empty if none is. */
  static String of(JedisException failure) {
    return Arrays.stream(failure.getSuppressed())
        .filter(Way.class::isInstance)
        .map(Throwable::getMessage)
        .findFirst()
        .orElse("");
  }
}
