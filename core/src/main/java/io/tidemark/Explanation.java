package io.tidemark;

import io.tidemark.spi.Ballot;
import io.tidemark.spi.Filling;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Explains a cache's answer for a key, as seen from this process. {@link #toString} is for people
 * and never shows the value. Immutable, except for the value.
 *
 * @param key the cache and the key
 * @param slot what the store holds; empty if it did not answer
 * @param source the row that the source has now, with the source's own object; empty if the source
 *     failed
 * @param lockHolder the holder of the key's lock, as far as the lock service can tell; empty if
 *     there is none
 * @param failures why the store, the source or the lock service could not be asked
 * @param codecFailures why this process cannot decode the entry: whole sentences that show no value
 * @param notCached why the source's row is not cached: its value cannot be, it is absent and {@link
 *     CacheBuilder#negativeTtl} is zero, or its own time to live is over. A part of a sentence that
 *     shows no value; empty if the row may be cached, or the source failed
 * @param bypassedBy the rollout of this process, if it has reads of the key bypass the cache now;
 *     empty if they are answered by the cache
 * @param lately what this process did about the key among its last 1,024 events other than hits,
 *     oldest first
 * @param <V> the type of the value
 */
public record Explanation<V>(
    SlotKey key,
    Optional<Slot> slot,
    Optional<Row<V>> source,
    Optional<String> lockHolder,
    List<Exception> failures,
    List<String> codecFailures,
    Optional<String> notCached,
    Optional<Rollout> bypassedBy,
    List<PastEvent> lately) {

  /**
   * An event of this process.
   *
   * @param ago how long ago it happened
   * @param event the event
   */
  public record PastEvent(Duration ago, CacheEvent event) {}

  /** Copies the lists. */
  public Explanation {
    failures = List.copyOf(failures);
    codecFailures = List.copyOf(codecFailures);
    lately = List.copyOf(lately);
  }

  /** A summary in a sentence or two. */
  public String verdict() {
    List<String> sentences = new ArrayList<>();
    bypassedBy.ifPresent(
        rollout ->
            sentences.add(
                "Reads of the key bypass the cache in this process, whose rollout is "
                    + rollout
                    + "; writes do not."));
    sentences.addAll(codecFailures);
    if (source.isPresent() && source.get() instanceof Row.Present<V> && !isEmpty()) {
      notCached.ifPresent(
          reason ->
              sentences.add(Character.toUpperCase(reason.charAt(0)) + reason.substring(1) + "."));
    }
    sentences.add(
        slot.map(this::verdict)
            .orElse(
                bypassedBy.isPresent()
                    ? "The store does not answer."
                    : "The store does not answer: onFallback decides."));
    return String.join(" ", sentences);
  }

  private boolean isEmpty() {
    return slot.isPresent() && slot.get() instanceof Slot.Empty;
  }

  private String verdict(Slot found) {
    if (found instanceof Slot.Value value) {
      return freshness(value.freshness()) + compared(value.version()) + reserved(found);
    }
    if (found instanceof Slot.Absent absent) {
      return freshness(absent.freshness()) + comparedAbsence() + reserved(found);
    }
    if (found instanceof Slot.Pending pending) {
      return pending.fence() == LockHandle.NO_FENCE
          ? "The entry was dropped, and " + nextReader() + ". " + floor(pending)
          : claimed(pending);
    }
    if (found instanceof Slot.Damaged) {
      return "The content of the slot is damaged; the next reader replaces it.";
    }
    return notCached
        .map(
            reason -> "Nothing is cached, because " + reason + ". The next reader asks the source.")
        .orElseGet(
            () ->
                "Nothing is cached: the row was never loaded, or its entry expired or was dropped,"
                    + " evicted or cleared; "
                    + nextReader()
                    + '.');
  }

  private static String reserved(Slot entry) {
    Slot.Pending claim = entry.claim();
    return claim == null
        ? ""
        : " %s has been loading the row again since %s, and readers wait for that."
            .formatted(claim.writer(), claim.writtenAt());
  }

  private static String claimed(Slot.Pending pending) {
    return Ballot.isBallot(pending.fence())
        ? "A bulk load of %s claimed the slot at %s; readers wait for it."
            .formatted(pending.writer(), pending.writtenAt())
        : "%s claimed the slot with fence %d at %s to load or write the row; readers wait for it."
            .formatted(pending.writer(), pending.fence(), pending.writtenAt());
  }

  private String nextReader() {
    return lockHolder.isEmpty()
        ? "the next reader loads"
        : "the next reader waits for the holder of its lock";
  }

  private String floor(Slot.Pending pending) {
    String rule =
        "Until %s no row older than version %d is cached, because a replica may lag."
            .formatted(pending.floorEndsAt(), pending.floor());
    return source.isPresent()
            && source.get() instanceof Row.Present<V> row
            && row.rowVersion() < pending.floor()
        ? rule + " The source has version " + row.rowVersion() + ", which is served uncached."
        : rule;
  }

  private static String freshness(Slot.Freshness freshness) {
    return switch (freshness) {
      case FRESH -> "";
      case EXPIRED -> "The entry has expired and is kept only as a fallback. ";
    };
  }

  private String compared(long version) {
    if (source.isEmpty()) {
      return "Whether it is up to date is unknown: the source failed.";
    }
    if (source.get() instanceof Row.Present<V> row) {
      if (row.rowVersion() == version) {
        return "It is up to date: the source has version " + version + " too.";
      }
      return row.rowVersion() > version
          ? "It is behind: the source has version "
              + row.rowVersion()
              + ", and the cache was not told. Publish or invalidate rows that are written past it."
          : "It is ahead: the source has only version "
              + row.rowVersion()
              + ". Either a row was published from a transaction that was rolled back, or versions"
              + " in the source went back, or another program uses this cache's name in the same"
              + " store for another table. Invalidate it; in the last case, rename one of the caches"
              + " first.";
    }
    return "It is behind: the source has no such row, and the cache was not told.";
  }

  private String comparedAbsence() {
    if (source.isEmpty()) {
      return "Whether the row is still absent is unknown: the source failed.";
    }
    return source.get() instanceof Row.Present<V> row
        ? "It says absent and is behind: the source has version " + row.rowVersion() + "."
        : "It says absent, and so does the source.";
  }

  private static String text(long version) {
    return version == Version.NONE ? "any" : Long.toString(version);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(key.toString()).append('\n');
    text.append("  ").append(verdict()).append('\n');
    slot.ifPresent(found -> text.append("  slot: ").append(described(found)).append('\n'));
    source.ifPresent(
        row ->
            text.append("  source: ")
                .append(row instanceof Row.Present<V> ? "VALUE" : "ABSENT")
                .append(" version ")
                .append(row.version().isPresent() ? row.version().getAsLong() : "none")
                .append('\n'));
    lockHolder.ifPresent(holder -> text.append("  lock: ").append(holder).append('\n'));
    failures.forEach(failure -> text.append("  failure: ").append(failure).append('\n'));
    for (PastEvent past : lately) {
      text.append("  %d ms ago: %s".formatted(past.ago().toMillis(), past.event().kind()));
      if (!past.event().took().isZero()) {
        text.append(" after ").append(past.event().took().toMillis()).append(" ms");
      }
      if (past.event().failure() != null) {
        text.append(": ").append(past.event().failure());
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static String described(Slot slot) {
    if (slot instanceof Slot.Value value) {
      return "VALUE version " + value.version() + ", " + described(value.filling());
    }
    if (slot instanceof Slot.Absent absent) {
      return "ABSENT floor " + text(absent.floor()) + ", " + described(absent.filling());
    }
    if (slot instanceof Slot.Pending pending) {
      return "PENDING %s until %s, floor %s until %s, by %s at %s"
          .formatted(
              Ballot.isBallot(pending.fence()) ? "bulk load" : "fence " + pending.fence(),
              pending.claimEndsAt(),
              text(pending.floor()),
              pending.floorEndsAt(),
              pending.writer(),
              pending.writtenAt());
    }
    return slot instanceof Slot.Damaged ? "damaged" : "EMPTY";
  }

  private static String described(Filling filling) {
    return "by %s at %s%s, fresh for %d ms more"
        .formatted(
            filling.writer(),
            filling.writtenAt(),
            afterLoad(filling.loadTime()),
            filling.freshFor().toMillis());
  }

  /** Empty for an entry that was written, or whose load was not timed. */
  private static String afterLoad(Duration loadTime) {
    if (loadTime.isZero()) {
      return "";
    }
    return loadTime.toMillis() == 0
        ? " after a load of less than 1 ms"
        : " after a load of " + loadTime.toMillis() + " ms";
  }
}
