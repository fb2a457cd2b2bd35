package io.tidemark.engine;

import io.tidemark.RefusedException;
import io.tidemark.spi.Drop;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Publish;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends committed rows to the store, once. Thread-safe. */
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
      return store()
          .publish(slotKey, fence, entry.row(), rows.lifetime(entry), settings.floorLife());
    } catch (RefusedException e) {
      LOG.debug("{}: the store does not take a row; dropping what it has", slotKey, e);
      return dropInstead(slotKey, entry, e);
    }
  }

  /**
   * Publishes many rows that nobody has claimed, likewise, in two requests: one for rows that may
   * be entries, and one for what is dropped.
   *
   * @return the answers to the rows, in their order
   */
  List<Reply<PublishAnswer>> publishAll(List<Dispatch> dispatches) {
    Map<Dispatch, Reply<PublishAnswer>> replies = new HashMap<>();
    List<Dispatch> entries = new ArrayList<>();
    List<Publish> publishes = new ArrayList<>();
    for (Dispatch one : dispatches) {
      Parcel.Entry entry = rows.entryOf(one.parcel());
      if (entry != null) {
        entries.add(one);
        publishes.add(
            new Publish(
                one.key(),
                LockHandle.NO_FENCE,
                entry.row(),
                rows.lifetime(entry),
                settings.floorLife()));
      }
    }
    putAll(replies, entries, publishes.isEmpty() ? List.of() : store().publishAll(publishes));
    dropTheRest(dispatches, replies);
    return dispatches.stream().map(one -> Objects.requireNonNull(replies.get(one))).toList();
  }

  private void dropTheRest(List<Dispatch> dispatches, Map<Dispatch, Reply<PublishAnswer>> replies) {
    List<Dispatch> drops =
        dispatches.stream().filter(one -> isToBeDropped(replies.get(one))).toList();
    if (drops.isEmpty()) {
      return;
    }
    Map<Dispatch, Reply<PublishAnswer>> refused = new HashMap<>(replies);
    putAll(
        replies,
        drops,
        store()
            .dropAll(
                drops.stream()
                    .map(one -> new Drop(one.key(), one.parcel().version(), settings.floorLife()))
                    .toList()));
    for (Dispatch one : drops) {
      if (refused.get(one) instanceof Reply.Failed<PublishAnswer> first
          && replies.get(one) instanceof Reply.Failed<PublishAnswer> later
          && later.failure() instanceof RefusedException) {
        Failures.addLater(first.failure(), later.failure());
        replies.put(one, first);
      }
    }
  }

  /** Whether a row was not sent, as it must not be an entry, or was refused. */
  private static boolean isToBeDropped(@Nullable Reply<PublishAnswer> reply) {
    return reply == null
        || (reply instanceof Reply.Failed<PublishAnswer> failed
            && failed.failure() instanceof RefusedException);
  }

  private static void putAll(
      Map<Dispatch, Reply<PublishAnswer>> replies,
      List<Dispatch> dispatches,
      List<Reply<PublishAnswer>> answers) {
    for (int i = 0; i < dispatches.size(); i++) {
      replies.put(dispatches.get(i), answers.get(i));
    }
  }

  private SlotStore store() {
    return settings.store();
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
    return store().drop(slotKey, parcel.version(), settings.floorLife());
  }
}
