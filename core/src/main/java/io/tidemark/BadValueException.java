package io.tidemark;

/**
 * Why a {@link Codec} cannot encode a value or decode its bytes, in words that show no value. A
 * codec of your own may throw it too: its message is logged, and shown by {@link
 * VersionedCache#explain}, where of any other exception only the class is.
 */
public final class BadValueException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Says what is wrong with a value, and where in it.
   *
   * @param path where in the value, such as {@code Order.lines[2].price}; empty for all of it
   * @param reason what is wrong there
   */
  public BadValueException(String path, String reason) {
    super(path.isEmpty() ? reason : path + ": " + reason);
  }
}
