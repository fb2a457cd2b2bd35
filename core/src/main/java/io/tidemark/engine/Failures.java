package io.tidemark.engine;

import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Describes failures, and attaches a later failure to the first. */
final class Failures {
  /** Causes may form a circle. */
  private static final int MOST_CAUSES = 100;

  private Failures() {}

  /**
   * What people are told of something foreign: its own text, or its class's name for want of it.
   */
  @SuppressWarnings("CatchingUnchecked") // What is told must not change what is done.
  static String textOf(@Nullable Object told) {
    try {
      return String.valueOf(told);
    } catch (Throwable t) {
      return told == null ? "" : told.getClass().getName();
    }
  }

  /** Why an executor or a scheduler refused a task, likewise. */
  @SuppressWarnings("CatchingUnchecked")
  static String refusalOf(Throwable refusal) {
    try {
      return refusal instanceof RejectedExecutionException
          ? String.valueOf(refusal.getMessage())
          : refusal.toString();
    } catch (Throwable t) {
      return refusal.getClass().getName();
    }
  }

  /** Adds a later failure to the first, which is the one to be thrown. */
  static void addLater(Throwable first, Throwable later) {
    // A part that is broken may throw one object again and again.
    if (first != later) {
      first.addSuppressed(later);
    }
  }

  /** Whether there was no connection to a database, as the failure or one of its causes says. */
  static boolean isOfConnection(Throwable failure) {
    Throwable cause = failure;
    for (int i = 0; i < MOST_CAUSES && cause != null; i++) {
      if (cause instanceof SQLTransientConnectionException
          || cause instanceof SQLNonTransientConnectionException
          || cause instanceof SQLRecoverableException) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }
}
