package io.tidemark.engine;

import io.tidemark.DeadlineExceededException;
import io.tidemark.Origin;
import io.tidemark.engine.Flight.Landing;
import io.tidemark.engine.SourceReader.Loaded;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.SlotKey;
import java.util.Optional;

/**
 * Flies one {@link Flight} past the cache: reads the source without lock and claim, and stores
 * nothing. Runs once, and always ends the flight.
 */
final class FallbackLoad<K, V> implements Runnable {
  private final Parts<K, V> parts;
  private final CacheKey<K> key;
  private final SlotKey slotKey;
  private final Flight<V> flight;
  private final Deadline deadline;

  /**
   * Prepares a load.
   *
   * @param deadline of the first caller; past it, nobody waits for the load any more
   */
  FallbackLoad(Parts<K, V> parts, CacheKey<K> key, Flight<V> flight, Deadline deadline) {
    this.parts = parts;
    this.key = key;
    this.slotKey = key.slot();
    this.flight = flight;
    this.deadline = deadline;
  }

  @Override
  @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, those who wait must hear of it.
  public void run() {
    flight.beginAttempt(null);
    parts.keysInUse().enter(slotKey);
    try {
      flight.land(load());
    } catch (Throwable t) {
      flight.fail(t);
    } finally {
      parts.keysInUse().leave(slotKey);
    }
  }

  private Landing<V> load() {
    if (deadline.hasPassed()) {
      throw new DeadlineExceededException(
          slotKey,
          "its turn to be read from the source did not come in time" + parts.settings().obstacle(),
          null);
    }
    parts.sources().checkNotFailing(slotKey);
    Loaded<V> loaded = parts.sources().read(parts.settings().source(), key, flight);
    parts.throwIfRefused(slotKey, loaded);
    return new Landing<>(
        new Answer<>(loaded.row(), Origin.SOURCE_FALLBACK, false, 0, Optional.empty()),
        // Safeguard FLIGHT_EPOCH_OF_READ: since the source was asked, a write may have returned.
        loaded.epoch());
  }
}
