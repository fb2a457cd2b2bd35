package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.spi.Filling;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Payload;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Slot.Freshness;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import io.tidemark.spi.WriterName;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of slots and of their keys. {@code slot.lua} describes the header. The two must agree
 * on what is damaged, or a slot that readers miss would be a hit for claims. Reads only: the
 * scripts write the slots.
 */
final class SlotFormat {
  private static final String KEY_PREFIX = "tidemark:";
  private static final byte[] FORMAT = {'T', '7'};

  private static final int FENCE_DIGITS = 20;
  private static final int VERSION_DIGITS = 20;
  private static final int MILLIS_DIGITS = 13;
  private static final int SECONDS_DIGITS = 10;

  /** Two digits, and the number of zeros that follow them. */
  private static final int LOAD_TIME_DIGITS = 3;

  private static final long LONGEST_LOAD_MICROS = 99_000_000_000L;

  private static final int LINEAGE_AT = FORMAT.length;
  private static final int STATE_AT = LINEAGE_AT + Lineage.LENGTH;

  private static final int EXPIRY_AT = STATE_AT + 1;
  private static final int VERSION_AT = EXPIRY_AT + MILLIS_DIGITS;
  private static final int WRITTEN_AT = VERSION_AT + VERSION_DIGITS;
  private static final int LOAD_TIME_AT = WRITTEN_AT + 1 + SECONDS_DIGITS;
  private static final int LOAD_TIME_LENGTH = 1 + LOAD_TIME_DIGITS;
  private static final int WRITER_LENGTH = 1 + WriterName.MAX_LENGTH;
  private static final int LONGEST_ENTRY = LOAD_TIME_AT + LOAD_TIME_LENGTH + WRITER_LENGTH;

  // Within a mark.
  private static final int RESERVATION_END_AT = 1 + FENCE_DIGITS;
  private static final int RESERVED_AT = RESERVATION_END_AT + 1 + MILLIS_DIGITS;
  private static final int RESERVER_AT = RESERVED_AT + 1 + SECONDS_DIGITS;
  private static final int MARK_LENGTH = RESERVER_AT + WRITER_LENGTH;

  private static final int FENCE_AT = STATE_AT + 1;
  private static final int FLOOR_AT = FENCE_AT + FENCE_DIGITS;
  private static final int CLAIM_END_AT = FLOOR_AT + 1 + VERSION_DIGITS;
  private static final int FLOOR_END_AT = CLAIM_END_AT + 1 + MILLIS_DIGITS;
  private static final int DROPPED_AT = FLOOR_END_AT + 1 + MILLIS_DIGITS;
  private static final int DROPPER_AT = DROPPED_AT + 1 + SECONDS_DIGITS;
  private static final int PENDING_LENGTH = DROPPER_AT + WRITER_LENGTH;

  private static final long BROKEN = Long.MIN_VALUE;

  private SlotFormat() {}

  /** The length of the longest slot with a payload of at most so many bytes. */
  static int longest(int payloadBytes) {
    return Math.max(PENDING_LENGTH, LONGEST_ENTRY + MARK_LENGTH + payloadBytes);
  }

  /** The Redis key of a slot. */
  static byte[] key(SlotKey key) {
    return (keyPrefix(key.cache()) + key.key()).getBytes(UTF_8);
  }

  /** The prefix of the Redis keys of this cache and no other. It has no glob characters. */
  static String keyPrefix(String cache) {
    return KEY_PREFIX + cache + ":";
  }

  /**
   * Formats a version or a floor for the scripts.
   *
   * @param version 0 or more, or {@link Version#NONE}
   */
  static byte[] version(long version) {
    byte[] field = digits(Math.max(version, 0), VERSION_DIGITS);
    if (version != Version.NONE) {
      field[0] = '1';
    }
    return field;
  }

  /** Formats the fence of a lock, a ballot, or {@link LockHandle#NO_FENCE} for the scripts. */
  static byte[] fence(long fence) {
    byte[] field = digits(Math.abs(fence), FENCE_DIGITS);
    if (fence > LockHandle.NO_FENCE) {
      field[0] = '1';
    }
    return field;
  }

  /**
   * Formats a load time for the scripts, rounded up so that a short one does not become unknown;
   * zeros are not known.
   */
  static byte[] loadTime(Duration time) {
    long micros =
        time.compareTo(Duration.of(LONGEST_LOAD_MICROS, ChronoUnit.MICROS)) >= 0
            ? LONGEST_LOAD_MICROS
            : TimeUnit.NANOSECONDS.toMicros(time.toNanos() + 999);
    int zeros = 0;
    while (micros > 99) {
      micros = (micros + 9) / 10;
      zeros++;
    }
    return digits(micros * 10 + zeros, LOAD_TIME_DIGITS);
  }

  /** Formats a writer's name for the scripts. */
  static byte[] writer(String name) {
    byte[] field = new byte[WriterName.MAX_LENGTH];
    Arrays.fill(field, (byte) ' ');
    System.arraycopy(name.getBytes(US_ASCII), 0, field, 0, name.length());
    return field;
  }

  /** Reads a version or a floor from the answer of a script. */
  static long parsedVersion(byte[] field) {
    long version = versionAt(field, 0);
    if (field.length != VERSION_DIGITS || version == BROKEN) {
      throw new IllegalArgumentException("version field is " + new String(field, US_ASCII));
    }
    return version;
  }

  /**
   * Reads a slot.
   *
   * @param bytes all of the slot's bytes
   * @param lineage that of the server
   * @param clock is not asked if the bytes are damaged
   * @return the slot, or what is left of one of another lineage: its floor, or nothing; {@link
   *     Slot.Damaged} if the bytes are not one
   */
  static Slot parsed(byte[] bytes, Lineage lineage, SlotClock clock) {
    Slot slot = parsed(bytes, clock);
    // Safeguard STAMP_ON_READ: what a failover brought back may be arbitrarily old.
    if (slot instanceof Slot.Damaged || lineage.isAt(bytes, LINEAGE_AT)) {
      return slot;
    }
    return slot instanceof Slot.Pending pending && pending.floor() != Version.NONE
        ? floorOf(pending, clock)
        : new Slot.Empty();
  }

  private static Slot floorOf(Slot.Pending pending, SlotClock clock) {
    return clock.estimate() >= pending.floorEndsAt().toEpochMilli()
        ? new Slot.Empty()
        : new Slot.Pending(
            LockHandle.NO_FENCE,
            pending.floor(),
            Instant.EPOCH,
            pending.floorEndsAt(),
            pending.writer(),
            pending.writtenAt());
  }

  /** Reads a slot of whatever lineage. */
  static Slot parsed(byte[] bytes, SlotClock clock) {
    if (bytes.length <= STATE_AT
        || !Arrays.equals(bytes, 0, FORMAT.length, FORMAT, 0, FORMAT.length)) {
      return new Slot.Damaged();
    }
    return switch (bytes[STATE_AT]) {
      case 'P' -> parsedPending(bytes, clock);
      case 'V', 'A' -> parsedEntry(bytes, markAt(bytes), clock);
      case 'v', 'a' -> parsedKept(bytes, markAt(bytes), clock);
      default -> new Slot.Damaged();
    };
  }

  private static Slot parsedPending(byte[] bytes, SlotClock clock) {
    if (bytes.length != PENDING_LENGTH
        || bytes[FLOOR_AT] != 'l'
        || bytes[CLAIM_END_AT] != 'c'
        || bytes[FLOOR_END_AT] != 'e'
        || bytes[DROPPED_AT] != 't'
        || bytes[DROPPER_AT] != 'b') {
      return new Slot.Damaged();
    }
    long fence = fenceAt(bytes, FENCE_AT);
    long floor = versionAt(bytes, FLOOR_AT + 1);
    long claimEnd = numberAt(bytes, CLAIM_END_AT + 1, MILLIS_DIGITS);
    long floorEnd = numberAt(bytes, FLOOR_END_AT + 1, MILLIS_DIGITS);
    long written = numberAt(bytes, DROPPED_AT + 1, SECONDS_DIGITS);
    String writer = writerAt(bytes, DROPPER_AT + 1);
    boolean isBroken = fence == BROKEN || floor == BROKEN || claimEnd == BROKEN;
    if (isBroken || floorEnd == BROKEN || written == BROKEN || writer == null) {
      return new Slot.Damaged();
    }
    long now = clock.estimate();
    boolean isClaimed = now < claimEnd;
    if (!isClaimed && (floor == Version.NONE || now >= floorEnd)) {
      return new Slot.Empty();
    }
    return new Slot.Pending(
        isClaimed ? fence : LockHandle.NO_FENCE,
        floor,
        Instant.ofEpochMilli(isClaimed ? claimEnd : 0),
        Instant.ofEpochMilli(floorEnd),
        writer,
        Instant.ofEpochSecond(written));
  }

  private static boolean hasLoadTime(byte[] bytes) {
    return bytes.length > LOAD_TIME_AT && bytes[LOAD_TIME_AT] == 'd';
  }

  /** Where the header of an entry ends, but for the mark of one that is kept. */
  private static int markAt(byte[] bytes) {
    return hasLoadTime(bytes) ? LONGEST_ENTRY : LONGEST_ENTRY - LOAD_TIME_LENGTH;
  }

  private static Slot parsedEntry(byte[] bytes, int headerLength, SlotClock clock) {
    boolean hasLoadTime = hasLoadTime(bytes);
    int writerAt = hasLoadTime ? LOAD_TIME_AT + LOAD_TIME_LENGTH : LOAD_TIME_AT;
    if (bytes.length < headerLength || bytes[WRITTEN_AT] != 't' || bytes[writerAt] != 'b') {
      return new Slot.Damaged();
    }
    long expiry = numberAt(bytes, EXPIRY_AT, MILLIS_DIGITS);
    long version = versionAt(bytes, VERSION_AT);
    long written = numberAt(bytes, WRITTEN_AT + 1, SECONDS_DIGITS);
    long load = hasLoadTime ? numberAt(bytes, LOAD_TIME_AT + 1, LOAD_TIME_DIGITS) : 0;
    String writer = writerAt(bytes, writerAt + 1);
    boolean isBroken = expiry == BROKEN || version == BROKEN || written == BROKEN;
    if (isBroken || load == BROKEN || writer == null) {
      return new Slot.Damaged();
    }
    char state = (char) bytes[STATE_AT];
    boolean isValue = state == 'V' || state == 'v';
    if (isValue ? version == Version.NONE : bytes.length > headerLength) {
      return new Slot.Damaged();
    }
    Instant writtenAt = Instant.ofEpochSecond(written);
    Age age = ageOf(writtenAt, expiry, state == 'V' || state == 'A', clock);
    if (age == null) {
      return new Slot.Empty();
    }
    Filling filling =
        new Filling(
            writer,
            writtenAt,
            loadTimeOf(load),
            lifeOf(written, expiry),
            Duration.ofMillis(age.freshMillis()),
            Duration.ofMillis(age.expiredMillis()));
    return isValue
        ? new Slot.Value(version, payloadOf(bytes, headerLength), age.freshness(), filling)
        : new Slot.Absent(version, age.freshness(), filling);
  }

  /** Reads an entry and the mark behind its header. */
  private static Slot parsedKept(byte[] bytes, int markAt, SlotClock clock) {
    int headerLength = markAt + MARK_LENGTH;
    if (bytes.length < headerLength
        || bytes[markAt] != 'f'
        || bytes[markAt + RESERVATION_END_AT] != 'c'
        || bytes[markAt + RESERVED_AT] != 't'
        || bytes[markAt + RESERVER_AT] != 'b') {
      return new Slot.Damaged();
    }
    long fence = fenceAt(bytes, markAt + 1);
    long end = numberAt(bytes, markAt + RESERVATION_END_AT + 1, MILLIS_DIGITS);
    long made = numberAt(bytes, markAt + RESERVED_AT + 1, SECONDS_DIGITS);
    String maker = writerAt(bytes, markAt + RESERVER_AT + 1);
    if (fence == BROKEN || end == BROKEN || made == BROKEN || maker == null) {
      return new Slot.Damaged();
    }
    Slot entry = parsedEntry(bytes, headerLength, clock);
    return !entry.isEntry() || fence == LockHandle.NO_FENCE || clock.estimate() >= end
        ? entry
        : reserved(entry, fence, Instant.ofEpochMilli(end), maker, Instant.ofEpochSecond(made));
  }

  private static Slot reserved(Slot entry, long fence, Instant end, String maker, Instant made) {
    if (entry instanceof Slot.Value value) {
      return new Slot.Value(
          value.version(),
          value.payload(),
          value.freshness(),
          value.filling(),
          new Slot.Pending(fence, value.version(), end, Instant.EPOCH, maker, made));
    }
    Slot.Absent absent = (Slot.Absent) entry;
    return new Slot.Absent(
        absent.floor(),
        absent.freshness(),
        absent.filling(),
        new Slot.Pending(fence, absent.floor(), end, Instant.EPOCH, maker, made));
  }

  private record Age(Freshness freshness, long freshMillis, long expiredMillis) {}

  /**
   * Determines whether an entry is fresh.
   *
   * @param isGoneThen whether the server removes the entry when it expires
   * @return null if the server should have removed it: then its time to live was taken away
   */
  private static @Nullable Age ageOf(
      Instant writtenAt, long expiry, boolean isGoneThen, SlotClock clock) {
    long now = isGoneThen ? clock.roughEstimate() : clock.estimate();
    // The server's clock has reached the time of writing, whatever the estimate: so an entry is
    // never fresh for longer than it was meant to be.
    long freshMillis = Math.max(0, expiry - Math.max(writtenAt.toEpochMilli(), now));
    if (freshMillis > 0) {
      return new Age(Freshness.FRESH, freshMillis, 0);
    }
    if (isGoneThen) {
      return clock.exact() >= expiry ? null : new Age(Freshness.FRESH, 0, 0);
    }
    return new Age(Freshness.EXPIRED, 0, Math.max(0, clock.estimate() - expiry));
  }

  /** Counts from the end of the second in which the entry was written. */
  private static Duration lifeOf(long written, long expiry) {
    return Duration.ofMillis(Math.max(0, expiry - TimeUnit.SECONDS.toMillis(written + 1)));
  }

  private static Duration loadTimeOf(long digits) {
    long micros = digits / 10;
    for (long zeros = digits % 10; zeros > 0; zeros--) {
      micros *= 10;
    }
    return Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(micros));
  }

  private static Payload payloadOf(byte[] bytes, int headerLength) {
    return Payload.wrap(Arrays.copyOfRange(bytes, headerLength, bytes.length));
  }

  /** Reads a writer's name; null if it is invalid. */
  private static @Nullable String writerAt(byte[] bytes, int at) {
    int end = at + WriterName.MAX_LENGTH;
    while (end > at && bytes[end - 1] == ' ') {
      end--;
    }
    for (int i = at; i < end; i++) {
      if (bytes[i] < '!' || bytes[i] > '~') {
        return null;
      }
    }
    return end == at ? null : new String(bytes, at, end - at, US_ASCII);
  }

  /** Reads a 1 and the number, or only zeros for none. */
  private static long versionAt(byte[] bytes, int at) {
    long number = numberAt(bytes, at + 1, VERSION_DIGITS - 1);
    if (bytes[at] == '1') {
      return number;
    }
    return bytes[at] == '0' && number == 0 ? Version.NONE : BROKEN;
  }

  /** Reads a 1 and a lock's fence, a 0 and a ballot, or only zeros for none. */
  private static long fenceAt(byte[] bytes, int at) {
    long number = numberAt(bytes, at + 1, FENCE_DIGITS - 1);
    if (number == BROKEN || bytes[at] == '0') {
      return -number;
    }
    return bytes[at] == '1' && number != LockHandle.NO_FENCE ? number : BROKEN;
  }

  /** Reads a number; {@link #BROKEN} if it is invalid or above 2^63-1. */
  private static long numberAt(byte[] bytes, int at, int digits) {
    long number = 0;
    int wrong = 0;
    for (int i = at; i < at + digits; i++) {
      int digit = bytes[i] - '0';
      // Negative unless it is a digit; each hit has 43 of them or more, too many for branches.
      wrong |= digit | (9 - digit);
      // 19 digits may exceed 2^63-1 but not 2^64: a number that is too large is negative.
      number = number * 10 + digit;
    }
    return wrong < 0 || number < 0 ? BROKEN : number;
  }

  private static byte[] digits(long number, int width) {
    byte[] field = new byte[width];
    long rest = number;
    for (int i = width - 1; i >= 0; i--) {
      field[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return field;
  }
}
