package io.tidemark.testkit;

import io.tidemark.memory.InMemoryStore;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The reference model passes the kit that it is the reference of. */
class InMemoryStoreTest extends SlotStoreContract {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final InMemoryStore store = InMemoryStore.create(nanos::get);

  @Override
  public SlotStore store() {
    return store;
  }

  @Override
  public SlotStore storeOf(String writer) {
    return store.as(writer);
  }

  @Override
  public void elapse(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Override
  public void damage(SlotKey key) {
    store.damage(key);
  }

  @Override
  public void evict(SlotKey key) {
    store.evict(key);
  }

  @Override
  public void beginLineage() {
    store.failOver(store.snapshot());
  }

  @Override
  public int rounds() {
    return 100_000;
  }
}
