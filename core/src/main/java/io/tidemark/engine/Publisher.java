package io.tidemark.engine;

import io.tidemark.RefusedException;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.SlotKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a committed row to the store, once. Thread-safe. */
final class Publisher {
  private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);

  private final Settings<?, ?> settings;
  private final Rows<?> rows;

  Publisher(Settings<?, ?> settings, Rows<?> rows) {
    this.settings = settings;
    this.rows = rows;
  }

  /**
   * Publishes a row, or drops the slot if it must not be an entry. A store that refuses it, for
   * want of memory say, may still drop what the row replaces: then the next reader loads.
   *
   * @throws io.tidemark.OutcomeUnknownException if the store's answer was lost
   * @throws io.tidemark.UnavailableException if the store is away; {@link RefusedException} if it
   *     takes neither the row nor the drop
   */
  PublishAnswer publish(SlotKey slotKey, long fence, Parcel parcel) {
    Parcel.Entry entry = rows.entryOf(parcel);
    if (entry == null) {
      return drop(slotKey, parcel);
    }
    try {
      return settings
          .store()
          .publish(slotKey, fence, entry.row(), rows.lifetime(entry), settings.floorLife());
    } catch (RefusedException e) {
      LOG.debug("{}: the store does not take a row; dropping what it has", slotKey, e);
      return dropInstead(slotKey, entry, e);
    }
  }

  private PublishAnswer dropInstead(SlotKey slotKey, Parcel parcel, RefusedException refusal) {
    try {
      return drop(slotKey, parcel);
    } catch (RefusedException e) {
      Failures.addLater(refusal, e);
      throw refusal;
    }
  }

  private PublishAnswer drop(SlotKey slotKey, Parcel parcel) {
    return settings.store().drop(slotKey, parcel.version(), settings.floorLife());
  }
}
