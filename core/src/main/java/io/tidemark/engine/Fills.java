package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.CodecException;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.UnavailableException;
import io.tidemark.engine.LoadOutcome.Refused;
import io.tidemark.engine.LoadOutcome.Stored;
import io.tidemark.engine.LoadOutcome.Unstored;
import io.tidemark.engine.SourceReader.Loaded;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of fills, and what the store's answers to them mean for a load. Thread-safe. */
final class Fills<V> {
  private static final Logger LOG = LoggerFactory.getLogger(Fills.class);

  private final Settings<?, ?> settings;
  private final Journal journal;
  private final Rows<V> rows;
  private final ThrottledLog belowFloor;

  Fills(Settings<?, V> settings, Journal journal, Rows<V> rows) {
    this.settings = settings;
    this.journal = journal;
    this.rows = rows;
    this.belowFloor = new ThrottledLog(Fills.class, settings.ticker());
  }

  /** Tells of a fill, and returns the store's answer, or nothing if it was lost. */
  Optional<FillAnswer> told(SlotKey key, Reply<FillAnswer> reply) {
    try {
      FillAnswer answer = reply.get();
      journal.add(
          switch (answer) {
            case STORED -> Kind.FILL_STORED;
            case BEHIND -> Kind.FILL_BEHIND;
            case REFUSED -> Kind.FILL_REFUSED;
          },
          key);
      return Optional.of(answer);
    } catch (OutcomeUnknownException | UnavailableException e) {
      journal.add(Kind.FILL_LOST, key, Duration.ZERO, e);
      LOG.debug("{}: no answer to a fill", key, e);
      return Optional.empty();
    }
  }

  /**
   * What came of a fill with a row of the source.
   *
   * @param epoch the epoch that began with the offer
   */
  LoadOutcome<V> outcome(SlotKey key, Loaded<V> loaded, long epoch, Optional<FillAnswer> answer) {
    if (answer.isEmpty()) {
      return new Refused<>(loaded, answer);
    }
    return switch (answer.get()) {
      case STORED -> new Stored<>(loaded, epoch);
      case BEHIND -> {
        // The source itself says less than it said before, as when a row was deleted and inserted
        // under a clock set back. It is the truth all the same, and is served without being cached.
        belowFloor.warn(
            "{}: the source gave {}, which is below the slot's floor; not cached until the floor"
                + " ends, {} after the write or the drop that made it",
            key,
            versionOf(loaded.checked().parcel()),
            settings.floorLife());
        yield new Unstored<>(loaded, answer);
      }
      case REFUSED -> new Refused<>(loaded, answer);
    };
  }

  /**
   * What came of a row that must not be an entry, and was not offered.
   *
   * @throws CodecException if its value is to be refused to callers
   */
  LoadOutcome<V> withheld(SlotKey key, Loaded<V> loaded) {
    rows.throwIfRefused(key, loaded.checked());
    return new Unstored<>(loaded, Optional.empty());
  }

  private static String versionOf(Parcel parcel) {
    return parcel.version() == Version.NONE ? "an absence" : "version " + parcel.version();
  }
}
