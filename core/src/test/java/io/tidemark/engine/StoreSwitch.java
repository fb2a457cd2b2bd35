package io.tidemark.engine;

import io.tidemark.UnavailableException;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.time.Duration;

/** A store that can be cut off from one process, and connected again. */
final class StoreSwitch extends ForwardingStore {
  private volatile boolean away;

  StoreSwitch(SlotStore store) {
    super(store);
  }

  void cut() {
    away = true;
  }

  void connect() {
    away = false;
  }

  @Override
  public ClaimAnswer claim(
      SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
    check(key);
    return super.claim(key, fence, mode, claimLife, floorLife);
  }

  @Override
  public PublishAnswer publish(
      SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
    check(key);
    return super.publish(key, fence, row, lifetime, floorLife);
  }

  @Override
  public PublishAnswer drop(SlotKey key, long version, Duration floorLife) {
    check(key);
    return super.drop(key, version, floorLife);
  }

  private void check(SlotKey key) {
    if (away) {
      throw new UnavailableException(key, "connection refused", null);
    }
  }
}
