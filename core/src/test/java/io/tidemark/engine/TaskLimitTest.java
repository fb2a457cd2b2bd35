package io.tidemark.engine;

import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.spi.TaskLimit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class TaskLimitTest {
  private final Queue<Runnable> threads = new ArrayDeque<>();
  private final List<String> ran = new ArrayList<>();

  @Test
  void execute_belowTheLimit_takesAThreadEach() {
    TaskLimit limit = limit(threads::add, 2, 0);
    limit.execute(() -> ran.add("a"));
    limit.execute(() -> ran.add("b"));

    assertThat(threads).hasSize(2);
  }

  @Test
  void execute_atTheLimit_waitsWithoutAThreadAndGoesInTurn() {
    TaskLimit limit = limit(threads::add, 1, 2);
    limit.execute(() -> ran.add("a"));
    limit.execute(() -> ran.add("b"));
    limit.execute(() -> ran.add("c"));

    assertThat(threads).hasSize(1);
    runNextThread();
    assertThat(ran).containsExactly("a", "b", "c");
    assertThat(threads).isEmpty();
  }

  @Test
  void execute_queueIsFull_isRefusedWithBothLimits() {
    TaskLimit limit = limit(threads::add, 1, 1);
    limit.execute(() -> ran.add("a"));
    limit.execute(() -> ran.add("b"));

    assertThatThrownBy(() -> limit.execute(() -> ran.add("c")))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessage("maxFallbackLoads=1 are under way and maxFallbackQueue=1 wait");
    runNextThread();
    assertThat(ran).containsExactly("a", "b");
  }

  @Test
  void execute_afterAllHaveEnded_takesAThreadAgain() {
    TaskLimit limit = limit(threads::add, 1, 0);
    for (int i = 0; i < 3; i++) {
      limit.execute(() -> ran.add("a"));
      runNextThread();
    }

    assertThat(ran).hasSize(3);
  }

  @Test
  void execute_noThreadIsHad_givesThePlaceBack() {
    List<RejectedExecutionException> refusals =
        new ArrayList<>(List.of(new RejectedExecutionException("full")));
    TaskLimit limit =
        limit(
            load -> {
              if (!refusals.isEmpty()) {
                throw refusals.remove(0);
              }
              threads.add(load);
            },
            1,
            0);

    assertThatThrownBy(() -> limit.execute(() -> ran.add("a"))).hasMessage("full");
    limit.execute(() -> ran.add("b"));
    runNextThread();
    assertThat(ran).containsExactly("b");
  }

  /** What waits must not be forgotten because what was to run before it got no thread. */
  @Test
  void execute_noThreadIsHadWhileAnotherComes_theOtherIsNotLeftWaiting() throws Exception {
    Gate gate = new Gate();
    AtomicBoolean full = new AtomicBoolean(true);
    TaskLimit limit =
        limit(
            load -> {
              if (full.getAndSet(false)) {
                gate.passUninterrupted();
                throw new RejectedExecutionException("full");
              }
              threads.add(load);
            },
            1,
            1);
    Thread first =
        new Thread(
            () -> assertThatThrownBy(() -> limit.execute(() -> ran.add("a"))).hasMessage("full"));
    first.start();
    gate.awaitReached();
    Thread second = new Thread(() -> limit.execute(() -> ran.add("b")));
    second.start();
    await()
        .until(
            () ->
                second.getState() == Thread.State.BLOCKED
                    || second.getState() == Thread.State.TERMINATED);
    gate.open();
    first.join();
    second.join();

    runNextThread();
    assertThat(ran).containsExactly("b");
  }

  @Test
  void execute_loadLeavesItsThreadInterrupted_theNextOneIsNot() {
    TaskLimit limit = limit(threads::add, 1, 1);
    limit.execute(() -> Thread.currentThread().interrupt());
    limit.execute(() -> ran.add(Thread.currentThread().isInterrupted() ? "interrupted" : "fine"));
    runNextThread();

    assertThat(ran).containsExactly("fine");
    assertThat(Thread.interrupted()).isFalse();
  }

  /** As a machine without memory for one more thread. */
  @Test
  void execute_noThreadCanBeMade_givesThePlaceBack() {
    List<Error> errors = new ArrayList<>(List.of(new OutOfMemoryError("no native thread")));
    TaskLimit limit =
        limit(
            task -> {
              if (!errors.isEmpty()) {
                throw errors.remove(0);
              }
              threads.add(task);
            },
            1,
            0);

    assertThatThrownBy(() -> limit.execute(() -> ran.add("a"))).hasMessage("no native thread");
    limit.execute(() -> ran.add("b"));
    runNextThread();
    assertThat(ran).containsExactly("b");
  }

  @Test
  void execute_taskThrows_theNextOneRunsAndItsFailureIsTold() {
    TaskLimit limit = limit(threads::add, 1, 1);
    IllegalStateException failure = new IllegalStateException("a bug");
    limit.execute(
        () -> {
          throw failure;
        });
    limit.execute(() -> ran.add("b"));
    List<Throwable> told = new ArrayList<>();
    Thread thread = new Thread(this::runNextThread);
    thread.setUncaughtExceptionHandler((ignored, thrown) -> told.add(thrown));
    thread.start();
    assertThat(thread).satisfies(started -> started.join());

    assertThat(ran).containsExactly("b");
    assertThat(told).containsExactly(failure);
  }

  private static TaskLimit limit(Executor executor, int maxRunning, int maxQueued) {
    return new TaskLimit(
        executor,
        maxRunning,
        maxQueued,
        "maxFallbackLoads",
        "maxFallbackLoads=%d are under way and maxFallbackQueue=%d wait"
            .formatted(maxRunning, maxQueued));
  }

  private void runNextThread() {
    Objects.requireNonNull(threads.poll()).run();
  }
}
