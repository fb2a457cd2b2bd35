package io.tidemark.engine;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.engine.LoadOrder.Purpose;
import io.tidemark.engine.LoadOutcome.LookAgain;
import io.tidemark.engine.LoadOutcome.Refused;
import io.tidemark.engine.LoadOutcome.Stored;
import io.tidemark.engine.SourceReader.Loaded;
import io.tidemark.spi.Fill;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Refresh;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of keys that are claimed together, and offers them to the store, once.
 * Thread-safe.
 */
final class BulkLoader<K, V> {
  private final Settings<K, V> settings;
  private final EpochCounter epochs;
  private final Rows<V> rows;
  private final BulkReader<K, V> reader;
  private final KeysInUse keysInUse;
  private final Fills<V> fills;
  private final Refreshes<V> refreshes;

  BulkLoader(
      Settings<K, V> settings,
      EpochCounter epochs,
      Rows<V> rows,
      BulkReader<K, V> reader,
      KeysInUse keysInUse,
      Fills<V> fills,
      Refreshes<V> refreshes) {
    this.settings = settings;
    this.epochs = epochs;
    this.rows = rows;
    this.reader = reader;
    this.keysInUse = keysInUse;
    this.fills = fills;
    this.refreshes = refreshes;
  }

  /** A row that may be an entry. */
  private record Offer<V>(SlotKey key, Loaded<V> loaded, Parcel.Entry entry) {}

  /**
   * Loads rows into claimed slots, and in place of expired entries that are reserved. Claims that
   * have not become entries are abandoned.
   *
   * @param keys one or more of those that are claimed or reserved
   * @return what came of each, or why its row cannot be read; nothing of those for which the source
   *     failed all at once
   */
  Map<SlotKey, Reply<LoadOutcome<V>>> load(List<CacheKey<K>> keys, BulkClaim claim, Asker asker) {
    Map<SlotKey, Reply<LoadOutcome<V>>> outcomes = new LinkedHashMap<>();
    keys.forEach(key -> keysInUse.enter(key.slot()));
    try {
      if (settings.mayReadReplica()) {
        outcomes.putAll(
            loadFromReplica(
                keys.stream().filter(key -> !claim.reserves(key.slot())).toList(), claim, asker));
      }
      List<CacheKey<K>> left =
          keys.stream().filter(key -> !outcomes.containsKey(key.slot())).toList();
      if (!left.isEmpty()) {
        reader
            .read(left, asker)
            .ifPresent(replies -> outcomes.putAll(offerAll(left, replies, claim)));
      }
      return outcomes;
    } finally {
      keys.forEach(key -> keysInUse.leave(key.slot()));
      claim.abandon(
          keys.stream().map(CacheKey::slot).filter(key -> !isStored(outcomes.get(key))).toList());
    }
  }

  private static boolean isStored(@Nullable Reply<? extends LoadOutcome<?>> reply) {
    return reply instanceof Reply.Answered<?> answered && answered.answer() instanceof Stored;
  }

  /** Returns what the store took. As to the rest, it is for the source to answer. */
  private Map<SlotKey, Reply<LoadOutcome<V>>> loadFromReplica(
      List<CacheKey<K>> keys, BulkClaim claim, Asker asker) {
    if (keys.isEmpty()) {
      return Map.of();
    }
    List<Optional<Loaded<V>>> loaded = reader.readReplica(keys, asker);
    List<Offer<V>> offers = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      SlotKey key = keys.get(i).slot();
      loaded.get(i).map(row -> offerOf(key, row)).ifPresent(offers::add);
    }
    Map<SlotKey, Reply<LoadOutcome<V>>> stored = new LinkedHashMap<>();
    long epoch = epochs.advance();
    List<Reply<FillAnswer>> replies = fill(offers, claim, FloorRule.ABOVE);
    for (int i = 0; i < offers.size(); i++) {
      Offer<V> offer = offers.get(i);
      if (fills.told(offer.key(), replies.get(i)).equals(Optional.of(FillAnswer.STORED))) {
        stored.put(offer.key(), new Reply.Answered<>(new Stored<>(offer.loaded(), epoch)));
      }
    }
    return stored;
  }

  private Map<SlotKey, Reply<LoadOutcome<V>>> offerAll(
      List<CacheKey<K>> keys, List<Reply<Loaded<V>>> replies, BulkClaim claim) {
    Map<SlotKey, Reply<LoadOutcome<V>>> outcomes = new LinkedHashMap<>();
    List<Offer<V>> toFill = new ArrayList<>();
    List<Offer<V>> toRefresh = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      SlotKey key = keys.get(i).slot();
      boolean isReserved = claim.reserves(key);
      if (replies.get(i) instanceof Reply.Failed<Loaded<V>> failed) {
        outcomes.put(key, new Reply.Failed<>(failed.failure()));
        continue;
      }
      Loaded<V> loaded = replies.get(i).get();
      Offer<V> offer = offerOf(key, loaded);
      if (offer != null) {
        (isReserved ? toRefresh : toFill).add(offer);
      } else {
        outcomes.put(
            key, isReserved ? dropped(key, loaded) : Reply.of(() -> fills.withheld(key, loaded)));
      }
    }
    // Safeguard EPOCH_OF_BULK_FILL: after a fill, a write may return before its answer comes.
    long epoch = epochs.advance();
    List<Reply<FillAnswer>> answers = fill(toFill, claim, FloorRule.AT_OR_ABOVE);
    for (int i = 0; i < toFill.size(); i++) {
      Offer<V> offer = toFill.get(i);
      Reply<FillAnswer> answer = answers.get(i);
      outcomes.put(
          offer.key(),
          Reply.of(
              () ->
                  fills.outcome(
                      offer.key(), offer.loaded(), epoch, fills.told(offer.key(), answer))));
    }
    outcomes.putAll(refresh(toRefresh, epoch));
    return outcomes;
  }

  /** If the answer is lost, the key goes on by itself, as a load of a single key tries again. */
  private Reply<LoadOutcome<V>> dropped(SlotKey key, Loaded<V> loaded) {
    Reply<LoadOutcome<V>> reply = Reply.of(() -> refreshes.withheld(key, loaded));
    return reply instanceof Reply.Failed<LoadOutcome<V>> failed
            && failed.failure() instanceof OutcomeUnknownException
        ? new Reply.Answered<>(new LookAgain<>())
        : reply;
  }

  /** A row whose refresh was not answered is no more than what the source says. */
  private Map<SlotKey, Reply<LoadOutcome<V>>> refresh(List<Offer<V>> offers, long epoch) {
    if (offers.isEmpty()) {
      return Map.of();
    }
    Map<SlotKey, Reply<LoadOutcome<V>>> outcomes = new LinkedHashMap<>();
    List<Reply<RefreshAnswer>> answers =
        settings
            .store()
            .refreshAll(
                offers.stream()
                    .map(
                        offer ->
                            new Refresh(
                                offer.key(),
                                offer.entry().row(),
                                rows.lifetime(offer.entry()),
                                settings.floorLife()))
                    .toList());
    for (int i = 0; i < offers.size(); i++) {
      Offer<V> offer = offers.get(i);
      Reply<RefreshAnswer> answer = answers.get(i);
      outcomes.put(
          offer.key(),
          answer instanceof Reply.Answered<RefreshAnswer> answered
              ? Reply.of(
                  () ->
                      refreshes.outcome(
                          offer.key(), offer.loaded(), epoch, answered.answer(), Purpose.READ))
              : new Reply.Answered<>(new Refused<>(offer.loaded(), Optional.empty())));
    }
    return outcomes;
  }

  private @Nullable Offer<V> offerOf(SlotKey key, Loaded<V> loaded) {
    Parcel.Entry entry = rows.entryOf(loaded.checked().parcel());
    return entry == null ? null : new Offer<>(key, loaded, entry);
  }

  private List<Reply<FillAnswer>> fill(List<Offer<V>> offers, BulkClaim claim, FloorRule rule) {
    return offers.isEmpty()
        ? List.of()
        : settings
            .store()
            .fillAll(
                offers.stream()
                    .map(
                        offer ->
                            new Fill(
                                offer.key(),
                                claim.ballot(),
                                offer.entry().row(),
                                rule,
                                rows.lifetime(offer.entry())))
                    .toList());
  }
}
