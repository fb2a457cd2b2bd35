package io.tidemark.processes;

import java.io.Serial;

/** A child process ended although nobody had asked it to, or never became ready. */
public final class ChildDiedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  ChildDiedException(String message) {
    super(message);
  }
}
