package io.tidemark.resilience4j;

import io.tidemark.memory.InMemoryStore;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.testkit.SlotStoreContract;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;

/** A closed breaker changes nothing about a store. */
class BreakerStoreContractTest extends SlotStoreContract {
  private final AtomicLong nanos = new AtomicLong();
  private final InMemoryStore memory = InMemoryStore.create(nanos::get);
  private final BreakerStore store = BreakerStore.builder(memory).build();

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  public SlotStore store() {
    return store;
  }

  @Override
  public void elapse(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Override
  public void damage(SlotKey key) {
    memory.damage(key);
  }

  @Override
  public void evict(SlotKey key) {
    memory.evict(key);
  }
}
