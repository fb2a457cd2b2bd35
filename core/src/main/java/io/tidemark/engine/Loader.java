package io.tidemark.engine;

import io.tidemark.engine.LoadOrder.Purpose;
import io.tidemark.engine.LoadOutcome.Stored;
import io.tidemark.engine.LoadOutcome.Unstored;
import io.tidemark.engine.SourceReader.Loaded;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a row from the source, or its replica, and offers it to the store, once: as a fill under a
 * claim, or as a refresh of an entry. Thread-safe.
 */
final class Loader<K, V> {
  private final Settings<K, V> settings;
  private final SlotStore store;
  private final EpochCounter epochs;
  private final Rows<V> rows;
  private final SourceReader<K, V> sources;
  private final Fills<V> fills;
  private final Refreshes<V> refreshes;

  Loader(
      Settings<K, V> settings,
      EpochCounter epochs,
      Rows<V> rows,
      SourceReader<K, V> sources,
      Fills<V> fills,
      Refreshes<V> refreshes) {
    this.settings = settings;
    this.store = settings.store();
    this.epochs = epochs;
    this.rows = rows;
    this.sources = sources;
    this.fills = fills;
    this.refreshes = refreshes;
  }

  /**
   * Loads a row into a claimed slot. The claim is abandoned where it is of no use any more, and
   * left to its closing by the caller.
   *
   * @param mayLag whether a row of the replica will do
   */
  LoadOutcome<V> fill(LoadOrder<K, V> order, Claim claim, boolean mayLag) {
    try {
      if (mayLag && settings.mayReadReplica()) {
        LoadOutcome<V> stored = fillFromReplica(order, claim);
        if (stored != null) {
          return stored;
        }
      }
      return fillFromSource(order, claim);
    } catch (Throwable t) {
      claim.abandon();
      throw t;
    }
  }

  private LoadOutcome<V> fillFromSource(LoadOrder<K, V> order, Claim claim) {
    Loaded<V> loaded = sources.read(settings.source(), order.key(), order.flight());
    Parcel.Entry entry = rows.entryOf(loaded.checked().parcel());
    if (entry == null) {
      LoadOutcome<V> outcome = fills.withheld(claim.key(), loaded);
      claim.abandon();
      return outcome;
    }
    // Safeguard EPOCH_OF_FILL: after the fill, a write may return before its answer comes.
    long epoch = epochs.advance();
    LoadOutcome<V> outcome =
        fills.outcome(claim.key(), loaded, epoch, offer(claim, entry, FloorRule.AT_OR_ABOVE));
    if (outcome instanceof Unstored) {
      claim.abandon();
    }
    return outcome;
  }

  /**
   * Asks the replica. What the store does not take may be older than a write that has returned, and
   * a replica that fails says nothing of the source: then it is for the source to answer.
   *
   * @return null if the store has not taken a row of the replica
   */
  private @Nullable LoadOutcome<V> fillFromReplica(LoadOrder<K, V> order, Claim claim) {
    Loaded<V> loaded =
        sources.readReplica(settings.replica().orElseThrow(), order.key(), order.flight());
    if (loaded == null) {
      return null;
    }
    Parcel.Entry entry = rows.entryOf(loaded.checked().parcel());
    if (entry == null) {
      return null;
    }
    long epoch = epochs.advance();
    return offer(claim, entry, FloorRule.ABOVE).equals(Optional.of(FillAnswer.STORED))
        ? new Stored<>(loaded, epoch)
        : null;
  }

  /** Returns the store's answer to a fill, or nothing if it was lost. */
  private Optional<FillAnswer> offer(Claim claim, Parcel.Entry entry, FloorRule rule) {
    return fills.told(
        claim.key(),
        Reply.of(
            () -> store.fill(claim.key(), claim.fence(), entry.row(), rule, rows.lifetime(entry))));
  }

  /** Loads a row while an entry is present, which stays there for those who accept it. */
  LoadOutcome<V> refresh(CacheKey<K> key, Asker asker, Purpose purpose) {
    SlotKey slotKey = key.slot();
    Loaded<V> loaded = sources.read(settings.source(), key, asker);
    Parcel.Entry entry = rows.entryOf(loaded.checked().parcel());
    if (entry == null) {
      return refreshes.withheld(slotKey, loaded);
    }
    long epoch = epochs.advance();
    RefreshAnswer answer =
        store.refresh(slotKey, entry.row(), rows.lifetime(entry), settings.floorLife());
    return refreshes.outcome(slotKey, loaded, epoch, answer, purpose);
  }
}
