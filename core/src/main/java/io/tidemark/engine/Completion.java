package io.tidemark.engine;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Ends futures with what a call came to. */
final class Completion {
  private Completion() {}

  /** Calls on this thread, and ends the future with what that returned or threw. */
  @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, who waits must hear of it.
  static <T> void complete(CompletableFuture<T> future, Callable<? extends T> call) {
    try {
      future.complete(call.call());
    } catch (Throwable t) {
      future.completeExceptionally(t);
    }
  }
}
