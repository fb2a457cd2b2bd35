package io.tidemark.engine;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Completes futures with the result of a call. */
final class Completion {
  private Completion() {}

  /** Makes the call on this thread, and completes the future with its result or failure. */
  @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, the waiting caller must hear of it.
  static <T> void complete(CompletableFuture<T> future, Callable<? extends T> call) {
    try {
      future.complete(call.call());
    } catch (Throwable t) {
      future.completeExceptionally(t);
    }
  }
}
