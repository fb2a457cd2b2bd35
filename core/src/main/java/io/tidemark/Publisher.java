package io.tidemark;

import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
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
   * Publishes a row. A store that refuses to take it, for want of memory say, may still be able to
   * drop what the row replaces: then the next reader loads. Not with a replica, which may lag
   * behind the row: a drop does not tell the slot of the row's version.
   *
   * @throws OutcomeUnknownException if the store's answer was lost
   * @throws UnavailableException if the store is away; {@link RefusedException} if it takes neither
   *     the row nor the drop
   */
  PublishAnswer publish(SlotKey slotKey, long fence, Parcel parcel) {
    EncodedRow row = parcel.row();
    try {
      PublishAnswer answer =
          settings
              .store()
              .publish(slotKey, fence, row, rows.lifetime(parcel), settings.floorLife());
      boolean isEntry = answer == PublishAnswer.STORED || answer == PublishAnswer.SAME;
      if (!isEntry || rows.keeps(parcel)) {
        return answer;
      }
      // It was published for its version: the slot remembers that when it drops the row.
      settings.store().drop(slotKey, settings.floorLife());
      return PublishAnswer.DROPPED;
    } catch (RefusedException e) {
      boolean isDrop = row instanceof EncodedRow.Absent && row.version() == Version.NONE;
      if (isDrop || settings.replica().isPresent()) {
        throw e;
      }
      LOG.debug("{}: the store does not take a row; dropping what it has", slotKey, e);
      return dropped(slotKey, e);
    }
  }

  private PublishAnswer dropped(SlotKey slotKey, RefusedException refusal) {
    try {
      settings.store().drop(slotKey, settings.floorLife());
      return PublishAnswer.DROPPED;
    } catch (RefusedException e) {
      Failures.addLater(refusal, e);
      throw refusal;
    }
  }
}
