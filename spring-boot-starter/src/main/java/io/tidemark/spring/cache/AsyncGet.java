package io.tidemark.spring.cache;

import io.tidemark.LoadFailedException;
import io.tidemark.ReadResult;
import io.tidemark.VersionedCache;
import io.tidemark.spring.cache.MethodCall.Returned;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One read that holds no thread while it waits, with a method that returns a future. */
final class AsyncGet<T> {
  private final VersionedCache<NativeKey, Object> cache;
  private final MethodSource source;
  private final MethodCall call;
  private final NativeKey key;
  private final Supplier<CompletableFuture<T>> loader;
  private final CompletableFuture<T> answer = new CompletableFuture<>();

  AsyncGet(
      VersionedCache<NativeKey, Object> cache,
      MethodSource source,
      String text,
      ValueRules values,
      Supplier<CompletableFuture<T>> loader) {
    this.cache = cache;
    this.source = source;
    this.call = new MethodCall(() -> await(loader.get()), values);
    this.key = new NativeKey(text, call);
    this.loader = loader;
  }

  CompletableFuture<T> start() {
    source.enter(key.text(), call);
    look(1);
    return answer;
  }

  private void look(int looks) {
    CompletableFuture<ReadResult<Object>> read;
    try {
      read = cache.readAsync(key);
    } catch (RuntimeException | Error e) {
      fail(e);
      return;
    }
    CompletableFuture<?> unused =
        read.whenComplete(
            (result, failure) -> {
              if (failure == null) {
                succeed(call.valueFor(result));
              } else {
                failed(looks, failure);
              }
            });
  }

  private void failed(int looks, Throwable failure) {
    Returned returned = call.returned();
    if (!MethodSource.hadNoCall(failure)) {
      Throwable cause = failure.getCause();
      fail(failure instanceof LoadFailedException && cause != null ? cause : failure);
    } else if (returned != null) {
      succeed(returned.value());
    } else if (looks < MethodCall.MAX_LOOKS) {
      look(looks + 1);
    } else if (call.begin()) {
      runHere();
    } else {
      fail(failure);
    }
  }

  private void runHere() {
    try {
      CompletableFuture<?> unused =
          loader
              .get()
              .whenComplete(
                  (value, failure) -> {
                    if (failure == null) {
                      succeed(value);
                    } else {
                      fail(failure);
                    }
                  });
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  @SuppressWarnings("unchecked") // Of the loader's type, as far as the cache can know.
  private void succeed(@Nullable Object value) {
    source.leave(key.text(), call);
    answer.complete((T) value);
  }

  private void fail(Throwable failure) {
    source.leave(key.text(), call);
    answer.completeExceptionally(failure);
  }

  /** The result of the method's future, on the thread of the load. */
  private static <T> @Nullable T await(CompletableFuture<T> future) throws Exception {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (InterruptedException e) {
      future.cancel(true);
      throw e;
    }
  }
}
