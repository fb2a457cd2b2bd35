package io.tidemark.engine;

import io.tidemark.UnavailableException;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;

/** A store that one process cannot read. */
final class UnreadableStore extends ForwardingStore {
  UnreadableStore(SlotStore store) {
    super(store);
  }

  @Override
  public Slot read(SlotKey key) {
    throw new UnavailableException(key, "connection refused", null);
  }
}
