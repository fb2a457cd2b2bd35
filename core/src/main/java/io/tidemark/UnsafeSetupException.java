package io.tidemark;

/**
 * The set-up of a backend would break a promise of the cache. Do not use the cache until that is
 * changed.
 */
public final class UnsafeSetupException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /**
   * Takes the whole message.
   *
   * @param message the findings, starting with the cache's name
   */
  public UnsafeSetupException(String message) {
    super(null, message, null);
  }
}
