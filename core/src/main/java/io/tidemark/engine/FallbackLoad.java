package io.tidemark.engine;

import io.tidemark.DeadlineExceededException;
import io.tidemark.Origin;
import io.tidemark.engine.Flight.Landing;
import io.tidemark.engine.SourceReader.Loaded;
import io.tidemark.spi.Deadline;
import java.util.Optional;

/** Loads a row past the cache: without lock and claim, and stores nothing. Runs once. */
final class FallbackLoad<K, V> {
  private final Settings<K, V> settings;
  private final Rows<V> rows;
  private final SourceReader<K, V> sources;
  private final CacheKey<K> key;
  private final Flight<V> flight;
  private final Deadline deadline;
  private final Origin origin;

  /**
   * Prepares a load.
   *
   * @param deadline of the first caller; past it, nobody waits for the load any more
   * @param origin of the answer
   */
  FallbackLoad(
      Settings<K, V> settings,
      Rows<V> rows,
      SourceReader<K, V> sources,
      CacheKey<K> key,
      Flight<V> flight,
      Deadline deadline,
      Origin origin) {
    this.settings = settings;
    this.rows = rows;
    this.sources = sources;
    this.key = key;
    this.flight = flight;
    this.deadline = deadline;
    this.origin = origin;
  }

  /** Returns what the flight ends with. */
  Landing<V> fly() {
    flight.beginAttempt(null);
    if (deadline.hasPassed()) {
      throw new DeadlineExceededException(
          key.slot(),
          "its turn to be read from the source did not come in time" + settings.obstacle(),
          null);
    }
    sources.checkNotFailing(key.slot());
    Loaded<V> loaded = sources.read(settings.source(), key, flight);
    rows.throwIfRefused(key.slot(), loaded.checked());
    return new Landing<>(
        new Answer<>(loaded.row(), origin, false, 0, Optional.empty()),
        // Safeguard FLIGHT_EPOCH_OF_READ: since the source was asked, a write may have returned.
        loaded.epoch());
  }
}
