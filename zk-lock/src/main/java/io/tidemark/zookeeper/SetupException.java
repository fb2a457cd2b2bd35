package io.tidemark.zookeeper;

/** ZooKeeper refuses until its set-up, or the client's, is corrected: no retry helps. */
final class SetupException extends Exception {
  private static final long serialVersionUID = 1L;

  SetupException(String message, Throwable cause) {
    super(message, cause);
  }
}
