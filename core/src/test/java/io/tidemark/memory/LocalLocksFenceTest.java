package io.tidemark.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt.Acquired;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class LocalLocksFenceTest {
  private static final SlotKey KEY = new SlotKey("cache", "key");

  private Instant now = Instant.ofEpochSecond(1);
  private final LocalLocks locks = LocalLocks.create(() -> now);

  @Test
  void fence_clockRuns_isTheTimeInMicroseconds() throws Exception {
    assertThat(nextFence(KEY)).isEqualTo(1_000_000);
    now = Instant.ofEpochSecond(2, 5_000);
    assertThat(nextFence(KEY)).isEqualTo(2_000_005);
  }

  @Test
  void fence_clockStandsStill_growsByOne() throws Exception {
    assertThat(nextFence(KEY)).isEqualTo(1_000_000);
    assertThat(nextFence(KEY)).isEqualTo(1_000_001);
  }

  @Test
  void fence_clockSetBack_grows() throws Exception {
    assertThat(nextFence(KEY)).isEqualTo(1_000_000);
    now = Instant.ofEpochSecond(-9);
    assertThat(nextFence(KEY)).isEqualTo(1_000_001);
  }

  private long nextFence(SlotKey key) throws InterruptedException {
    Deadline deadline = Deadline.after(Duration.ZERO);
    try (LockHandle handle = ((Acquired) locks.tryAcquire(key, deadline)).handle()) {
      return handle.fence();
    }
  }
}
