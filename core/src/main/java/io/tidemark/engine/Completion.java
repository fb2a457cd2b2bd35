package io.tidemark.engine;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

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

  /**
   * What a function makes of a result. Not thenApply: what depends on it would be told of failures
   * in another wrapping. Cancelling it cancels the future that it is made of.
   */
  static <T, R> CompletableFuture<R> mapped(CompletableFuture<T> future, Function<T, R> function) {
    CompletableFuture<R> mapped = new CompletableFuture<>();
    CompletableFuture<?> unused =
        future.whenComplete(
            (result, failure) -> {
              if (failure == null) {
                complete(mapped, () -> function.apply(result));
              } else {
                mapped.completeExceptionally(failure);
              }
            });
    unused = mapped.whenComplete((result, failure) -> future.cancel(false));
    return mapped;
  }
}
