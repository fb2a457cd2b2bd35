package io.tidemark.zookeeper;

/** No answer will come; the message says why. */
final class NoAnswerException extends Exception {
  private static final long serialVersionUID = 1L;

  NoAnswerException(String reason) {
    super(reason);
  }

  static NoAnswerException notConnected() {
    return new NoAnswerException("there is no connection to ZooKeeper");
  }

  static NoAnswerException readOnly() {
    return new NoAnswerException("ZooKeeper is read-only: the server has no majority");
  }
}
