package io.tidemark.testkit;

import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.time.Duration;
import java.util.UUID;

/**
 * What every {@link SlotStore} must pass: one test per row of every table in its javadoc, and the
 * edges of numbers, times, keys and payloads.
 *
 * <p>Extend it, and write the six abstract hooks. JUnit makes one object per test, and each object
 * has a key that no other test uses, so all tests may share one store. No test depends on how fast
 * the store is: a slot that must still be there has an hour to live, and one that must be gone is
 * looked at after {@link #elapse}.
 */
public abstract class SlotStoreContract
    implements ClaimContract,
        BallotContract,
        ReservationContract,
        LineageContract,
        BulkContract,
        RenewContract,
        AbandonContract,
        FillContract,
        PublishContract,
        RefreshContract,
        DropContract,
        ClearContract,
        ContentContract,
        FillingContract,
        ConcurrencyContract {

  private final SlotKey key = new SlotKey("contract", UUID.randomUUID().toString());

  /** For subclasses. */
  protected SlotStoreContract() {}

  /** The store under test. Its slots from other tests do not matter. */
  @Override
  public abstract SlotStore store();

  /**
   * A store with a name, on the same slots.
   *
   * @throws IllegalArgumentException if {@link io.tidemark.spi.WriterName#check} refuses the name
   */
  @Override
  public abstract SlotStore storeOf(String writer);

  /**
   * Returns once at least this time has passed by the clock that measures the life of the store's
   * slots.
   */
  @Override
  public abstract void elapse(Duration time);

  /** Puts bytes in the slot's place that the store cannot read. They do not expire. */
  @Override
  public abstract void damage(SlotKey key);

  /** Removes the slot behind the store's back, as a server under memory pressure would. */
  @Override
  public abstract void evict(SlotKey key);

  /**
   * Begins a new lineage: the server, or another with the same slots, begins anew, as a replica
   * does that is promoted.
   */
  @Override
  public abstract void beginLineage();

  /**
   * How often each thread of the concurrent test changes the slot: enough for verbs to meet. A
   * store without a network between needs many more than this default.
   */
  @Override
  public int rounds() {
    return 400;
  }

  @Override
  public final SlotKey key() {
    return key;
  }
}
