package io.tidemark.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class TaskLimitSubmitTest {
  private static final TaskLimit AT_ONCE = TaskLimit.none(Runnable::run);

  @Test
  void submit_callReturns_endsWithItsResult() {
    assertThat(AT_ONCE.submit(() -> 7)).isCompletedWithValue(7);
  }

  @Test
  void submit_callThrowsAnError_failsWithIt() {
    Error failure = new NoClassDefFoundError("by the client");

    CompletableFuture<Integer> result =
        AT_ONCE.submit(
            () -> {
              throw failure;
            });

    assertThat(result.handle((value, thrown) -> thrown)).isCompletedWithValue(failure);
  }

  @Test
  void submit_executorRefuses_throws() {
    TaskLimit refused =
        TaskLimit.none(
            task -> {
              throw new RejectedExecutionException("closed");
            });

    assertThatExceptionOfType(RejectedExecutionException.class)
        .isThrownBy(() -> refused.submit(() -> 7))
        .withMessage("closed");
  }
}
