package io.tidemark.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AcquisitionTest {
  private static final LockAttempt.Holder OTHER = deadline -> true;

  /** Only a hang lasts longer. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final int RACES = 200;

  private final FakeHandle handle = new FakeHandle();
  private final Acquisition acquisition = new Acquisition(handle);

  @AfterEach
  void clearInterrupt() {
    boolean unused = Thread.interrupted();
  }

  @Test
  void await_acquired_givesTheHandleOpen() throws Exception {
    acquire();

    assertThat(acquisition.await(patience())).isEqualTo(new LockAttempt.Acquired(handle));
    assertThat(handle.isReleased()).isFalse();
  }

  @Test
  void await_heldByAnother_givesItsHolder() throws Exception {
    acquisition.held(OTHER);

    assertThat(acquisition.await(patience())).isEqualTo(new LockAttempt.Held(OTHER));
  }

  @Test
  void await_attemptFailsWithAnError_throwsItAsTheCause() {
    Error failure = new NoClassDefFoundError("by the client");
    acquisition.failed(failure);

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> acquisition.await(patience()))
        .withCause(failure);
  }

  @Test
  void await_deadlinePasses_leavesAndReleasesWhatIsAcquiredLater() {
    assertThatExceptionOfType(TimeoutException.class)
        .isThrownBy(() -> acquisition.await(Deadline.after(Duration.ZERO)));

    assertThat(handle.isClosed()).isTrue();
    acquire();
    assertThat(handle.isReleased()).isTrue();
  }

  @Test
  void await_interrupted_leavesAndReleasesWhatIsAcquiredLater() {
    Thread.currentThread().interrupt();

    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> acquisition.await(patience()));

    assertThat(handle.isClosed()).isTrue();
    acquire();
    assertThat(handle.isReleased()).isTrue();
  }

  @Test
  void await_clockFails_leavesAndReleasesWhatIsAcquiredLater() {
    AtomicBoolean failing = new AtomicBoolean();
    Ticker ticker =
        () -> {
          if (failing.get()) {
            throw new IllegalStateException("no clock");
          }
          return 0;
        };
    Deadline deadline = Deadline.after(PATIENCE, ticker);
    failing.set(true);

    assertThatIllegalStateException()
        .isThrownBy(() -> acquisition.await(deadline))
        .withMessage("no clock");

    assertThat(handle.isClosed()).isTrue();
    acquire();
    assertThat(handle.isReleased()).isTrue();
  }

  /** As when the connection is lost: the attempt itself is still under way. */
  @Test
  void acquired_afterItWasFailed_isReleased() {
    acquisition.failed(new IllegalStateException("no answer will come"));
    assertThat(handle.isClosed()).isFalse();

    acquire();

    assertThat(handle.isReleased()).isTrue();
  }

  @Test
  void failed_afterAcquired_leavesTheFirstAnswerAndTheHolding() throws Exception {
    acquire();
    acquisition.failed(new IllegalStateException("late"));

    assertThat(acquisition.await(patience())).isEqualTo(new LockAttempt.Acquired(handle));
    assertThat(handle.isReleased()).isFalse();
  }

  @Test
  void held_afterFailed_leavesTheFirstAnswer() {
    acquisition.failed(new IllegalStateException("first"));
    acquisition.held(OTHER);

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> acquisition.await(patience()))
        .withMessageContaining("first");
  }

  @Test
  void await_givenUp_throwsTheReasonAndReleasesWhatIsAcquiredLater() {
    acquisition.giveUp(new IllegalStateException("closed"));

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> acquisition.await(patience()))
        .withMessageContaining("closed");
    acquire();
    assertThat(handle.isReleased()).isTrue();
  }

  @Test
  void giveUp_ofAHolding_releasesIt() {
    acquire();
    acquisition.giveUp(new IllegalStateException("closed"));

    assertThat(handle.isReleased()).isTrue();
  }

  /** Whichever comes first, the caller has the lock or nobody has it. */
  @Test
  void await_deadlinePassesAsTheLockIsAcquired_callerHasItOrItIsReleased() throws Exception {
    for (int race = 0; race < RACES; race++) {
      FakeHandle racing = new FakeHandle();
      Acquisition contested = new Acquisition(racing);
      CyclicBarrier start = new CyclicBarrier(2);
      CompletableFuture<Void> attempt =
          CompletableFuture.runAsync(
              () -> {
                meet(start);
                racing.acquired = true;
                contested.acquired();
              });
      meet(start);
      boolean has = hasLockAtOnce(contested);
      attempt.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

      assertThat(racing.isReleased()).isEqualTo(!has);
    }
  }

  private static boolean hasLockAtOnce(Acquisition acquisition) throws Exception {
    try {
      return acquisition.await(Deadline.after(Duration.ofNanos(1))) instanceof LockAttempt.Acquired;
    } catch (TimeoutException e) {
      return false;
    }
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** What an attempt does when the lock service grants the lock. */
  private void acquire() {
    handle.acquired = true;
    acquisition.acquired();
  }

  private static Deadline patience() {
    return Deadline.after(PATIENCE);
  }

  /** Tells a handle that was closed from a lock that was released: the latter was acquired. */
  private static final class FakeHandle implements LockHandle {
    volatile boolean acquired;
    private volatile boolean closed;
    private volatile boolean released;

    boolean isClosed() {
      return closed;
    }

    boolean isReleased() {
      return released;
    }

    @Override
    public long fence() {
      return 1;
    }

    @Override
    public void close() {
      closed = true;
      if (acquired) {
        released = true;
      }
    }
  }
}
