package io.tidemark.engine;

import io.tidemark.CallInterruptedException;
import io.tidemark.engine.Flight.Landing;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.SlotKey;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Drives calls on the threads of their callers. */
final class BlockingDriver {
  private BlockingDriver() {}

  /** Makes a call, and waits for its answer. Throws what the call throws. */
  static <V, R> R run(Call<V, R> call) {
    try {
      call.look();
      while (!call.isAnswered()) {
        await(call);
      }
    } catch (RuntimeException | Error e) {
      call.tellOfFailure(e);
      throw e;
    } finally {
      call.over();
    }
    return call.result();
  }

  private static <V> void await(Call<V, ?> call) {
    Deadline moment = call.waitUntil();
    Landing<V> landing;
    try {
      landing = call.flight().await(moment);
    } catch (InterruptedException e) {
      throw interrupted(call.slotKey(), e);
    } catch (TimeoutException e) {
      call.waited(moment);
      return;
    } catch (ExecutionException e) {
      call.failed(Objects.requireNonNull(e.getCause()));
      return;
    }
    call.landed(landing);
  }

  private static CallInterruptedException interrupted(SlotKey slotKey, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new CallInterruptedException(slotKey, "interrupted while it waited for a load", e);
  }
}
