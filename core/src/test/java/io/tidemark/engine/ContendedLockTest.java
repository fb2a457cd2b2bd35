package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.VersionedCache;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The provider is told where somebody is likely to hold a lock, and nowhere else. */
class ContendedLockTest {
  private static final String FREE = "perhaps free";
  private static final String CONTENDED = "contended";

  private final Fleet fleet = new Fleet();
  private final List<String> attempts = new CopyOnWriteArrayList<>();
  private final LockProvider locks =
      new LockProvider() {
        @Override
        public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
          attempts.add(FREE);
          return fleet.locks.tryAcquire(key, deadline);
        }

        @Override
        public LockAttempt tryAcquireContended(SlotKey key, Deadline deadline)
            throws InterruptedException {
          attempts.add(CONTENDED);
          return fleet.locks.tryAcquire(key, deadline);
        }
      };

  private final VersionedCache<String, String> cache =
      fleet.cache(fleet.store, locks, fleet.table, options -> options);

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void get_emptySlot_lockMayBeFree() {
    fleet.table.put("a", "apple", 1);

    assertThat(cache.get("a")).contains("apple");

    assertThat(attempts).containsExactly(FREE);
  }

  @Test
  void get_slotHasAClaim_lockIsContended() {
    fleet.table.put("a", "apple", 1);
    claim("a");

    assertThat(cache.get("a")).contains("apple");

    assertThat(attempts).containsExactly(CONTENDED);
  }

  @Test
  void getAll_oneKeyIsMissingAndItsSlotHasAClaim_lockIsContended() {
    fleet.table.put("a", "apple", 1);
    claim("a");

    assertThat(cache.getAll(List.of("a"))).containsKey("a");

    assertThat(attempts).containsExactly(CONTENDED);
  }

  @Test
  void get_holderWasWaitedFor_lockIsContended() throws Exception {
    fleet.table.put("a", "apple", 1);
    Future<?> read;
    try (LockHandle held =
        ((LockAttempt.Acquired) fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE)))
            .handle()) {
      assertThat(held.fence()).isPositive();
      read = fleet.call(() -> cache.get("a"));
      await().until(() -> cache.stats().lockWaited() == 1);
    }
    read.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

    assertThat(attempts).containsExactly(FREE, CONTENDED);
  }

  @Test
  void update_anySlot_lockMayBeFree() {
    cache.update("a", () -> fleet.table.put("a", "apple", 1));

    assertThat(attempts).containsExactly(FREE);
  }

  /** As a process that died after its claim has left it. */
  private void claim(String key) {
    fleet.store.claim(slotKey(key), 1, ClaimMode.UNLESS_PRESENT, Duration.ofMinutes(1), PATIENCE);
  }
}
