package io.tidemark;

/**
 * Says why a {@link Codec} cannot encode a value or decode its bytes, without quoting the value. A
 * codec of your own may throw it too: its message is logged and shown by {@link
 * VersionedCache#explain}; of any other exception, only the class is.
 */
public final class BadValueException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Says what is wrong with a value, and where in it.
   *
   * @param path the place in the value, such as {@code Order.lines[2].price}; empty for all of it
   * @param reason what is wrong there, without the value
   */
  public BadValueException(String path, String reason) {
    super(path.isEmpty() ? reason : path + ": " + reason);
  }
}
