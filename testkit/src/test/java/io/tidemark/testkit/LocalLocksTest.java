package io.tidemark.testkit;

import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;

final class LocalLocksTest extends LockProviderContract {
  private final LocalLocks locks = LocalLocks.create();

  @Override
  protected LockProvider locks() {
    return locks;
  }

  @Override
  protected LockProvider locksOfAnotherProcess() {
    return locks;
  }

  @Override
  protected void forget(SlotKey key) {
    // A key that nobody holds leaves no trace here.
  }
}
