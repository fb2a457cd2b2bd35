package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.CodecException;
import io.tidemark.engine.LoadOrder.Purpose;
import io.tidemark.engine.LoadOutcome.Refused;
import io.tidemark.engine.LoadOutcome.Stored;
import io.tidemark.engine.LoadOutcome.Unstored;
import io.tidemark.engine.SourceReader.Loaded;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.util.Optional;

/** Tells of refreshes, and what the store's answers to them mean for a load. Thread-safe. */
final class Refreshes<V> {
  private final Settings<?, ?> settings;
  private final Journal journal;
  private final Fills<V> fills;

  Refreshes(Settings<?, ?> settings, Journal journal, Fills<V> fills) {
    this.settings = settings;
    this.journal = journal;
    this.fills = fills;
  }

  /**
   * What came of a refresh with a row of the source.
   *
   * @param epoch the epoch that began with the offer
   */
  LoadOutcome<V> outcome(
      SlotKey key, Loaded<V> loaded, long epoch, RefreshAnswer answer, Purpose purpose) {
    journal.add(
        switch (answer) {
          case STORED -> Kind.REFRESH_STORED;
          case SUPERSEDED -> Kind.REFRESH_SUPERSEDED;
          case DROPPED -> Kind.REFRESH_DROPPED;
          case REFUSED -> Kind.REFRESH_REFUSED;
        },
        key);
    if (answer == RefreshAnswer.STORED) {
      return new Stored<>(loaded, epoch);
    }
    Optional<FillAnswer> refused = Optional.of(FillAnswer.REFUSED);
    // A read may have what was dropped: it is what the source says, of a row that is gone for
    // instance. The next reader finds nothing that it would have to be compared with, and caches
    // it.
    return purpose == Purpose.READ && answer == RefreshAnswer.DROPPED
        ? new Unstored<>(loaded, refused)
        : new Refused<>(loaded, refused);
  }

  /**
   * Drops an entry whose row must not be one.
   *
   * @throws CodecException if its value is to be refused to callers
   */
  LoadOutcome<V> withheld(SlotKey key, Loaded<V> loaded) {
    settings.store().drop(key, Version.NONE, settings.floorLife());
    journal.add(Kind.REFRESH_DROPPED, key);
    return fills.withheld(key, loaded);
  }
}
