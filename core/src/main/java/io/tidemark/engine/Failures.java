package io.tidemark.engine;

import io.tidemark.spi.Reply;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Describes failures, attaches a later one to the first, and tells those of a key from others. */
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

  /**
   * Passes on what concerns the whole process, such as a lack of memory. Any other error concerns
   * the key that it was thrown for, like an exception; so does a value too deep for the stack.
   */
  static void throwIfOfTheProcess(Throwable failure) {
    if (failure instanceof VirtualMachineError error && !(error instanceof StackOverflowError)) {
      throw error;
    }
  }

  /** An error of one of many keys, on its way to that key. */
  private static final class OfOneKey extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OfOneKey(Error error) {
      super(error);
    }
  }

  /**
   * Runs a verb for one of many keys, and keeps what it returns or throws. Of a reply that failed,
   * {@link #thrown} tells what was thrown.
   */
  static <T> Reply<T> replyOf(Supplier<? extends T> verb) {
    try {
      return Reply.of(verb);
    } catch (Error e) {
      throwIfOfTheProcess(e);
      return new Reply.Failed<>(new OfOneKey(e));
    }
  }

  /** What has made a reply fail. */
  static Throwable thrown(Reply.Failed<?> reply) {
    return reply.failure() instanceof OfOneKey carrier
        ? Objects.requireNonNull(carrier.getCause())
        : reply.failure();
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
