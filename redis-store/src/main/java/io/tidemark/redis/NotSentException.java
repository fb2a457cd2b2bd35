package io.tidemark.redis;

import java.io.Serial;
import redis.clients.jedis.exceptions.JedisException;

/** A command was not sent, so it changed nothing. */
final class NotSentException extends JedisException {
  @Serial private static final long serialVersionUID = 1;

  NotSentException(String message) {
    super(message);
  }

  NotSentException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Not sent, because the commands before it found the server out of reach. */
  NotSentException(JedisException failure) {
    super("not sent, because of what came before: " + failure.getMessage(), failure);
  }
}
