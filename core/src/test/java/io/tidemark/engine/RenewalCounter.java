package io.tidemark.engine;

import static io.tidemark.engine.Patience.await;

import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** A store that counts how often it is asked to renew a claim. */
class RenewalCounter extends ForwardingStore {
  private final AtomicInteger renewals = new AtomicInteger();

  RenewalCounter(SlotStore store) {
    super(store);
  }

  @Override
  public boolean renew(SlotKey key, long fence, Duration claimLife) {
    renewals.incrementAndGet();
    return super.renew(key, fence, claimLife);
  }

  int count() {
    return renewals.get();
  }

  /** Waits until it was asked so many times more. */
  void awaitMore(int more) {
    int before = count();
    await().until(() -> count() >= before + more);
  }
}
