package io.tidemark.engine;

import io.tidemark.BadValueException;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.CodecException;
import io.tidemark.InvalidVersionException;
import io.tidemark.Row;
import io.tidemark.UncacheablePolicy;
import io.tidemark.options.OptionRules;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.Payload;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Encodes rows for a slot, decodes them, and checks them on the way. Thread-safe. */
final class Rows<V> {
  private final Settings<?, V> settings;
  private final Journal journal;
  private final ThrottledLog undecodable;
  private final ThrottledLog uncacheable;

  Rows(Settings<?, V> settings, Journal journal) {
    this.settings = settings;
    this.journal = journal;
    this.undecodable = new ThrottledLog(Rows.class, settings.ticker());
    this.uncacheable = new ThrottledLog(Rows.class, settings.ticker());
  }

  /** Checks a row whose load time is unknown. */
  CheckedRow<V> check(SlotKey key, Row<V> row) {
    return check(key, row, Duration.ZERO);
  }

  /**
   * Encodes a row and reads it back. Its own time to live, if it has one, begins now.
   *
   * @param loadTime how long the source took to give it
   * @throws InvalidVersionException if its version is negative
   */
  CheckedRow<V> check(SlotKey key, Row<V> row, Duration loadTime) {
    if (!(row instanceof Row.Present<V> present)) {
      EncodedRow absent = new EncodedRow.Absent(row.version().orElse(Version.NONE), loadTime);
      return new CheckedRow<>(new Copies.Shared<>(row), new Parcel.Entry(absent, null), null);
    }
    if (present.rowVersion() < 0) {
      throw new InvalidVersionException(
          key, "version is " + present.rowVersion() + "; it must be 0 or more", null);
    }
    try {
      return check(key, present, loadTime);
    } catch (Throwable t) {
      throwIfFatal(t);
      return new CheckedRow<>(
          settings.codec().valuesAreImmutable()
              ? new Copies.Shared<>(row)
              : new Copies.Own<>(row, null),
          new Parcel.Withheld(present.rowVersion()),
          new Refusal("the value cannot be encoded and read back: " + reason(t), t));
    }
  }

  private CheckedRow<V> check(SlotKey key, Row.Present<V> row, Duration loadTime) throws Exception {
    byte[] bytes = settings.codec().encode(row.value());
    if (bytes == null) {
      throw new BadValueException("", "the codec encodes it to null");
    }
    if (row.value() == (Object) bytes) {
      // A codec that does nothing: the array is still the source's, or the writer's.
      bytes = bytes.clone();
    }
    Copies<V> copies = copies(key, bytes, row);
    if (bytes.length > settings.limits().maxValueBytes()) {
      String tooLarge =
          "the value has %d bytes; maxValueBytes is %d"
              .formatted(bytes.length, settings.limits().maxValueBytes());
      return new CheckedRow<>(
          copies, new Parcel.Withheld(row.rowVersion()), new Refusal(tooLarge, null));
    }
    Deadline goodUntil =
        row.ttl()
            .map(ttl -> Deadline.after(OptionRules.withinLimits(ttl), settings.ticker()))
            .orElse(null);
    EncodedRow encoded = new EncodedRow.Present(row.rowVersion(), Payload.wrap(bytes), loadTime);
    return new CheckedRow<>(copies, new Parcel.Entry(encoded, goodUntil), null);
  }

  private Copies<V> copies(SlotKey key, byte[] bytes, Row.Present<V> row) throws Exception {
    Row<V> first = decodeCopy(bytes, row);
    return settings.codec().valuesAreImmutable()
        ? new Copies.Shared<>(first)
        : new Copies.Own<>(first, () -> decodeAgain(key, bytes, row));
  }

  /** What the codec makes of bytes that it has read before. */
  private Row<V> decodeAgain(SlotKey key, byte[] bytes, Row.Present<V> row) {
    try {
      return decodeCopy(bytes, row);
    } catch (Throwable t) {
      throwIfFatal(t);
      throw new CodecException(key, "the value can be decoded only now and then: " + reason(t), t);
    }
  }

  /** The bytes go into the slot as well, and a value may be made of those that it is given. */
  private Row<V> decodeCopy(byte[] bytes, Row.Present<V> row) throws Exception {
    byte[] own = settings.codec().valuesAreImmutable() ? bytes : bytes.clone();
    return new Row.Present<>(decodeValue(own), row.rowVersion(), row.ttl());
  }

  private V decodeValue(byte[] bytes) throws Exception {
    V value = settings.codec().decode(bytes);
    if (value == null) {
      throw new BadValueException("", "the codec decodes it to null");
    }
    return value;
  }

  /**
   * Refuses a row whose value cannot be cached, where that is the policy.
   *
   * @throws CodecException with the reason
   */
  void throwIfRefused(SlotKey key, CheckedRow<V> row) {
    if (row.refusal() != null && settings.fallbacks().onUncacheable() == UncacheablePolicy.FAIL) {
      throw row.refusal().toException(key);
    }
  }

  /** Reports that a value cannot be cached. */
  void tell(SlotKey key, Refusal refusal) {
    journal.add(Kind.UNCACHEABLE, key, Duration.ZERO, refusal.toException(key));
    uncacheable.warn("{}: not cached: {}", key, refusal.reason());
  }

  /** The row of a hit; empty for any other slot, and for an entry that cannot be decoded. */
  Optional<Row<V>> hit(SlotKey key, Slot slot) {
    if (slot instanceof Slot.Damaged) {
      journal.add(Kind.DAMAGED, key);
    }
    return slot.isHit() ? decode(key, slot) : Optional.empty();
  }

  /** The row of a hit, for all who wait for it; empty as with {@link #hit}. */
  Optional<Copies<V>> hitForAll(SlotKey key, Slot slot) {
    if (!(slot.isHit() && slot instanceof Slot.Value value)) {
      return hit(key, slot).map(Copies.Shared::new);
    }
    boolean immutable = settings.codec().valuesAreImmutable();
    byte[] bytes = value.payload().bytes();
    return decode(key, value.version(), immutable ? bytes : bytes.clone())
        .map(
            row ->
                immutable
                    ? new Copies.Shared<>(row)
                    : new Copies.Own<>(row, () -> decodeAgain(key, bytes, row)));
  }

  /**
   * A row past its time to live.
   *
   * @param until when it is too old for bad times as well
   */
  record Expired<V>(Row<V> row, Deadline until) {}

  /** The value of an entry past its time to live; empty for any other slot. */
  Optional<Expired<V>> expired(SlotKey key, Slot slot) {
    if (!(slot instanceof Slot.Value value) || value.freshness() != Slot.Freshness.EXPIRED) {
      return Optional.empty();
    }
    Duration kept = settings.lifetimes().keptAfter(value.filling().life(), replicaLag());
    Deadline until = Deadline.after(kept.minus(value.filling().expiredFor()), settings.ticker());
    return decode(key, slot).map(row -> new Expired<>(row, until));
  }

  /** Why an entry cannot be decoded here; empty if it can. Counts nothing. */
  Optional<String> unreadable(Slot slot) {
    try {
      if (slot instanceof Slot.Value value) {
        V unused = decodeValue(value.payload().bytes());
      }
      return Optional.empty();
    } catch (Throwable t) {
      throwIfFatal(t);
      return Optional.of(reason(t));
    }
  }

  /**
   * The entry that a row is to be. Returns null where it must not be one: for its value, as an
   * absence, or because it is good no longer.
   */
  Parcel.@Nullable Entry entryOf(Parcel parcel) {
    return parcel instanceof Parcel.Entry entry
            && settings.lifetimes().allow(entry.row(), entry.goodUntil())
        ? entry
        : null;
  }

  /** Why a row is not made an entry, as a part of a sentence; empty if it is. Counts nothing. */
  Optional<String> notCached(SlotKey key, Row<V> row) {
    CheckedRow<V> checked = check(key, row);
    if (checked.refusal() != null) {
      return Optional.of("what the source gives cannot be cached: " + checked.refusal().reason());
    }
    if (entryOf(checked.parcel()) != null) {
      return Optional.empty();
    }
    return Optional.of(
        row instanceof Row.Present<V> present
            ? "the source has version %d, whose own time to live, %s, is over"
                .formatted(present.rowVersion(), present.ttl().orElse(Duration.ZERO))
            : "the source has no such row, and negativeTtl is zero");
  }

  /** How long a row is kept, with some of its time to live taken off by chance. */
  Lifetime lifetime(Parcel.Entry entry) {
    return settings.lifetimes().of(entry.row(), entry.goodUntil(), replicaLag(), settings.chance());
  }

  private Duration replicaLag() {
    return settings.backends().replicaLag();
  }

  private Optional<Row<V>> decode(SlotKey key, Slot slot) {
    if (slot instanceof Slot.Value value) {
      return decode(key, value.version(), value.payload().bytes()).map(row -> row);
    }
    return slot instanceof Slot.Absent absent
        ? Optional.of(new Row.Absent<>(absent.floor()))
        : Optional.empty();
  }

  private Optional<Row.Present<V>> decode(SlotKey key, long version, byte[] bytes) {
    try {
      return Optional.of(new Row.Present<>(decodeValue(bytes), version, Optional.empty()));
    } catch (Throwable t) {
      throwIfFatal(t);
      // Written by another version of the program, perhaps: the entry is loaded anew.
      journal.add(Kind.DAMAGED, key);
      undecodable.warn("{}: the entry cannot be decoded and counts as a miss: {}", key, reason(t));
      return Optional.empty();
    }
  }

  /** What a codec threw, without the text that may quote the value. */
  private static String reason(Throwable t) {
    return t instanceof BadValueException
        ? Objects.requireNonNull(t.getMessage())
        : t.getClass().getName();
  }

  /** A value can be too deep for the stack, or of a class that does not link. */
  private static void throwIfFatal(Throwable t) {
    if (t instanceof Error error
        && !(t instanceof StackOverflowError)
        && !(t instanceof LinkageError)) {
      throw error;
    }
  }
}
