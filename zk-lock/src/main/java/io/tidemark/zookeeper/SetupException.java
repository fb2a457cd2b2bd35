package io.tidemark.zookeeper;

/**
 * ZooKeeper answers, and will refuse for as long as nobody mends its set-up or the client's: no
 * retry helps.
 */
final class SetupException extends Exception {
  private static final long serialVersionUID = 1L;

  SetupException(String message, Throwable cause) {
    super(message, cause);
  }
}
