package io.tidemark;

/**
 * A backend is set up so that a promise of the cache would be false. Until that is changed, do not
 * use the cache.
 */
public final class UnsafeSetupException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param message the findings, beginning with the cache's name
   */
  public UnsafeSetupException(String message) {
    super(null, message, null);
  }
}
