package io.tidemark;

/** A backend's set-up would break a promise of the cache. Fix it before you use the cache. */
public final class UnsafeSetupException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** Takes the whole message: the findings, starting with the cache's name. */
  public UnsafeSetupException(String message) {
    super(null, message, null);
  }
}
