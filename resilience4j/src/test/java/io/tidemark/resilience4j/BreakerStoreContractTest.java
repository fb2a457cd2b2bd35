package io.tidemark.resilience4j;

import io.tidemark.memory.InMemoryStore;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.testkit.SlotStoreContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;

/** A closed breaker changes nothing about a store. */
class BreakerStoreContractTest extends SlotStoreContract {
  private final AtomicLong nanos = new AtomicLong();
  private final InMemoryStore memory = InMemoryStore.create(nanos::get);
  private final List<BreakerStore> built = new ArrayList<>();
  private final SlotStore store = around(memory);

  @AfterEach
  void close() {
    built.forEach(BreakerStore::close);
  }

  @Override
  public SlotStore store() {
    return store;
  }

  @Override
  public SlotStore storeOf(String writer) {
    return around(memory.as(writer));
  }

  private SlotStore around(SlotStore inner) {
    BreakerStore breaker = BreakerStore.builder(inner).build();
    built.add(breaker);
    return breaker;
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

  @Override
  public void beginLineage() {
    memory.failOver(memory.snapshot());
  }
}
