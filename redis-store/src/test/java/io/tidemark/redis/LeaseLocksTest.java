package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.patience;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.Finding;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LeaseLocksTest {
  private static final SlotKey KEY = new SlotKey("users", "42");
  private static final Duration SHORT_LIFE = Duration.ofMillis(30);

  private final AtomicInteger renewals = new AtomicInteger();

  @Test
  void renewing_oneRenewalThrowsAnError_goesOn() throws Exception {
    ScheduledExecutorService timer = LockRequests.newTimer();
    LeaseService service = new FakeService();
    Watches watches = new Watches(service, SHORT_LIFE, timer, null);
    try (LeaseLocks locks = new LeaseLocks(service, watches, SHORT_LIFE, timer)) {
      assertThat(locks.tryAcquire(KEY, patience())).isInstanceOf(LockAttempt.Acquired.class);

      await().until(() -> renewals.get() > 2);
    }
  }

  /** Grants every lease; the first renewal throws an Error. */
  private final class FakeService implements LeaseService {
    @Override
    public Lease newLease(SlotKey key, String token) {
      return new Lease() {
        @Override
        public CompletableFuture<LockReply> acquire() {
          return CompletableFuture.completedFuture(new LockReply.Acquired(1));
        }

        @Override
        public CompletableFuture<Boolean> renew() {
          if (renewals.incrementAndGet() == 1) {
            throw new NoClassDefFoundError("by the client");
          }
          return CompletableFuture.completedFuture(true);
        }

        @Override
        public void release() {}
      };
    }

    @Override
    public CompletableFuture<OptionalLong> remaining(SlotKey key, String token) {
      return CompletableFuture.completedFuture(OptionalLong.empty());
    }

    @Override
    public CompletableFuture<Optional<LockOwner>> owner(SlotKey key) {
      return CompletableFuture.completedFuture(Optional.empty());
    }

    @Override
    public List<Finding> check() {
      return List.of();
    }

    @Override
    public void shutdown() {}
  }
}
