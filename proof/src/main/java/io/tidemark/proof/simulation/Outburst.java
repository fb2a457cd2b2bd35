package io.tidemark.proof.simulation;

import org.jspecify.annotations.Nullable;

/**
 * What somebody else's code throws although its contract does not name it: an error, as of a class
 * that cannot be loaded, or an unchecked exception, as of a mistake in it.
 */
interface Outburst {
  /** The foreign call that ended so. */
  ForeignCall call();

  /** Throws one. */
  static void erupt(ForeignCall call, boolean asError) {
    if (asError) {
      throw new OfAnError(call);
    }
    throw new OfAnException(call);
  }

  /** The outburst that something thrown is, or was caused by; null if there is none. */
  static @Nullable Outburst in(@Nullable Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof Outburst outburst) {
        return outburst;
      }
    }
    return null;
  }

  /** An error. */
  final class OfAnError extends Error implements Outburst {
    private static final long serialVersionUID = 1L;
    private final ForeignCall call;

    OfAnError(ForeignCall call) {
      super("an error of " + call, null, false, false);
      this.call = call;
    }

    @Override
    public ForeignCall call() {
      return call;
    }
  }

  /** An unchecked exception. */
  final class OfAnException extends RuntimeException implements Outburst {
    private static final long serialVersionUID = 1L;
    private final ForeignCall call;

    OfAnException(ForeignCall call) {
      super("an exception of " + call, null, false, false);
      this.call = call;
    }

    @Override
    public ForeignCall call() {
      return call;
    }
  }
}
