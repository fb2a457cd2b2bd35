package io.tidemark;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.Payload;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.Optional;

/** Turns rows into what a slot holds and back, and checks them on the way. Thread-safe. */
final class Rows<V> {
  private final Settings<?, V> settings;
  private final Journal journal;
  private final ThrottledLog undecodable;

  Rows(Settings<?, V> settings, Journal journal) {
    this.settings = settings;
    this.journal = journal;
    this.undecodable = new ThrottledLog(Rows.class, settings.ticker());
  }

  /** Encodes a row of which nobody knows how long its source took to give it. */
  EncodedRow encode(SlotKey key, Row<V> row) {
    return encode(key, row, Duration.ZERO);
  }

  /**
   * Encodes a row.
   *
   * @param loadTime how long the source took to give it
   * @throws InvalidVersionException if its version is negative
   * @throws CodecException if its value has no encoding, or too large a one
   */
  EncodedRow encode(SlotKey key, Row<V> row, Duration loadTime) {
    if (row instanceof Row.Present<V> present) {
      if (present.rowVersion() < 0) {
        throw new InvalidVersionException(
            key, "version is " + present.rowVersion() + "; it must be 0 or more", null);
      }
      return new EncodedRow.Present(
          present.rowVersion(), encodeValue(key, present.value()), loadTime);
    }
    return new EncodedRow.Absent(row.version().orElse(Version.NONE), loadTime);
  }

  /** The row of a hit; empty for any other slot, and for an entry that cannot be decoded. */
  Optional<Row<V>> hit(SlotKey key, Slot slot) {
    if (slot instanceof Slot.Damaged) {
      journal.add(Kind.DAMAGED, key);
    }
    return slot.isHit() ? decode(key, slot) : Optional.empty();
  }

  /** The value of an entry past its time to live; empty for any other slot. */
  Optional<Row<V>> expired(SlotKey key, Slot slot) {
    return slot instanceof Slot.Value value && value.freshness() == Slot.Freshness.EXPIRED
        ? decode(key, slot)
        : Optional.empty();
  }

  /** How long a row is kept, with some of its time to live taken off by chance. */
  Lifetime lifetime(EncodedRow row) {
    return row instanceof EncodedRow.Present
        ? lifetime(settings.ttl(), settings.grace())
        : lifetime(settings.negativeTtl(), Duration.ZERO);
  }

  /** An entry is a floor, too, and must not be gone while a replica may lag behind it. */
  private Lifetime lifetime(Duration ttl, Duration grace) {
    Duration fresh = jittered(ttl);
    Duration untilCaughtUp = settings.replicaLag().minus(fresh);
    return new Lifetime(fresh, untilCaughtUp.compareTo(grace) > 0 ? untilCaughtUp : grace);
  }

  private Payload encodeValue(SlotKey key, V value) {
    byte[] bytes;
    try {
      bytes = settings.codec().encode(value);
    } catch (Exception e) {
      throw new CodecException(key, "the value cannot be encoded", e);
    }
    if (bytes.length > settings.maxValueBytes()) {
      throw new CodecException(
          key,
          "the value has %d bytes; maxValueBytes is %d"
              .formatted(bytes.length, settings.maxValueBytes()),
          null);
    }
    return Payload.wrap(bytes);
  }

  private Optional<Row<V>> decode(SlotKey key, Slot slot) {
    if (slot instanceof Slot.Value value) {
      try {
        return Optional.of(
            Row.present(settings.codec().decode(value.payload().bytes()), value.version()));
      } catch (Exception e) {
        // Written by another version of the program, perhaps: the entry is loaded anew.
        journal.add(Kind.DAMAGED, key);
        // Not the exception itself: codecs like to quote what they cannot read.
        undecodable.warn(
            "{}: the entry cannot be decoded and counts as a miss: {}",
            key,
            e.getClass().getName());
        return Optional.empty();
      }
    }
    return slot instanceof Slot.Absent absent
        ? Optional.of(new Row.Absent<>(absent.floor()))
        : Optional.empty();
  }

  private Duration jittered(Duration ttl) {
    double chance = settings.chance().nextDouble();
    long millis = Math.round(ttl.toMillis() * (1 - settings.ttlJitter() * chance));
    return Duration.ofMillis(Math.max(1, millis));
  }
}
