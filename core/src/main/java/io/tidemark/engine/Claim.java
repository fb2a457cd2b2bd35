package io.tidemark.engine;

import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A claim on a slot and the lock that it was made under, for one load or write. It is renewed until
 * it is closed. Thread-safe.
 */
final class Claim implements LiveClaim, AutoCloseable {
  private final SlotStore store;
  private final HeldLock lock;
  private final long floor;
  private final Tenure tenure;
  private final Consumer<LiveClaim> whenClosed;

  /**
   * Takes over a claim that was just made; {@link #begin} has it renewed.
   *
   * @param floor the highest version that the slot knew when it was made, or {@link Version#NONE}
   * @param tenure makes the tenure of this claim
   */
  Claim(
      SlotStore store,
      HeldLock lock,
      long floor,
      Function<Claim, Tenure> tenure,
      Consumer<LiveClaim> whenClosed) {
    this.store = store;
    this.lock = lock;
    this.floor = floor;
    this.whenClosed = whenClosed;
    this.tenure = tenure.apply(this);
  }

  SlotKey key() {
    return lock.key();
  }

  @Override
  public List<SlotKey> keys() {
    return List.of(key());
  }

  Work work() {
    return lock.work();
  }

  long fence() {
    return lock.fence();
  }

  /** The highest version that the slot knew when it was claimed, or {@link Version#NONE}. */
  long floor() {
    return floor;
  }

  @Override
  public void begin() {
    tenure.begin();
  }

  /** Returns whether it was still there to be renewed. */
  boolean renew(Duration life) {
    return store.renew(key(), fence(), life);
  }

  @Override
  public boolean abandon() {
    return LiveClaim.abandon(
        key(),
        () -> {
          store.abandon(key(), fence());
          return true;
        });
  }

  /** {@inheritDoc} A renewal under way may still arrive. */
  @Override
  public void end() {
    tenure.end();
    // Safeguard RELEASE: until then no other write or load of the key begins.
    lock.close();
  }

  /** Ends it for good: its load or write is over. */
  @Override
  public void close() {
    end();
    whenClosed.accept(this);
  }
}
