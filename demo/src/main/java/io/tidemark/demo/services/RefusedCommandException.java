package io.tidemark.demo.services;

import java.io.Serial;

/** A command to running servers that cannot be obeyed; its message is for the user. */
public final class RefusedCommandException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  RefusedCommandException(String message) {
    super(message);
  }
}
