package io.tidemark.engine;

import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.time.Duration;
import java.util.function.LongConsumer;

/** Passes every verb on; a test overrides the one that it wants to watch or to break. */
class ForwardingStore implements SlotStore {
  private final SlotStore store;

  ForwardingStore(SlotStore store) {
    this.store = store;
  }

  @Override
  public Slot read(SlotKey key) {
    return store.read(key);
  }

  @Override
  public ClaimAnswer claim(
      SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
    return store.claim(key, fence, mode, claimLife, floorLife);
  }

  @Override
  public boolean renew(SlotKey key, long fence, Duration claimLife) {
    return store.renew(key, fence, claimLife);
  }

  @Override
  public boolean abandon(SlotKey key, long fence) {
    return store.abandon(key, fence);
  }

  @Override
  public FillAnswer fill(
      SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime) {
    return store.fill(key, fence, row, rule, lifetime);
  }

  @Override
  public PublishAnswer publish(
      SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
    return store.publish(key, fence, row, lifetime, floorLife);
  }

  @Override
  public RefreshAnswer refresh(SlotKey key, EncodedRow row, Lifetime lifetime, Duration floorLife) {
    return store.refresh(key, row, lifetime, floorLife);
  }

  @Override
  public PublishAnswer drop(SlotKey key, long version, Duration floorLife) {
    return store.drop(key, version, floorLife);
  }

  @Override
  public boolean mayLackFloors(Duration floorLife) {
    return store.mayLackFloors(floorLife);
  }

  @Override
  public long clear(String cache, LongConsumer progress) {
    return store.clear(cache, progress);
  }
}
