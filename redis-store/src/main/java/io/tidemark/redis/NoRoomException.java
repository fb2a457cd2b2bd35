package io.tidemark.redis;

import java.util.concurrent.CompletionException;

/** Too many requests are waiting to send another. Says nothing about the server. */
final class NoRoomException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  NoRoomException(int most) {
    super(most + " requests wait for an answer already");
  }

  /** Whether a request failed because it was never sent. */
  static boolean isCauseOf(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof NoRoomException;
  }
}
