package io.tidemark.engine;

import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.time.Duration;

/** A store that makes no claim before a gate is opened, even if its thread is interrupted. */
class HangingClaims extends ForwardingStore {
  private final Gate gate;

  HangingClaims(SlotStore store, Gate gate) {
    super(store);
    this.gate = gate;
  }

  @Override
  public ClaimAnswer claim(
      SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
    gate.passDespiteInterrupts();
    return super.claim(key, fence, mode, claimLife, floorLife);
  }
}
