package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.spi.Filling;
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
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of slots and of their keys. {@code slot.lua} describes the header; the two must agree
 * on what is damaged, or a slot that is a miss for readers would be a hit for claims.
 */
final class SlotFormat {
  private static final String KEY_PREFIX = "tidemark:";
  private static final byte[] FORMAT = {'T', '2'};

  private static final int FENCE_DIGITS = 19;
  private static final int VERSION_DIGITS = 20;
  private static final int MOMENT_DIGITS = 15;
  private static final int LOAD_TIME_DIGITS = 12;
  private static final long LONGEST_LOAD_MICROS = 999_999_999_999L;

  private static final int STATE_AT = FORMAT.length;
  private static final int VERSION_AT = STATE_AT + 1;
  private static final int FENCE_AT = VERSION_AT + 1 + VERSION_DIGITS;
  private static final int FLOOR_AT = FENCE_AT + 1 + FENCE_DIGITS;
  private static final int EXPIRY_AT = FLOOR_AT + 1 + VERSION_DIGITS;
  private static final int WRITTEN_AT = EXPIRY_AT + 1 + MOMENT_DIGITS;
  private static final int LOAD_TIME_AT = WRITTEN_AT + 1 + MOMENT_DIGITS;
  private static final int WRITER_AT = LOAD_TIME_AT + 1 + LOAD_TIME_DIGITS;
  private static final int HEADER_LENGTH = WRITER_AT + 1 + WriterName.MAX_LENGTH;

  /** What stands before the expiry of an entry that is kept after it, and of one that is not. */
  private static final char KEPT_AFTER = 'e';

  private static final char GONE_THEN = 'E';

  private static final int BROKEN = -2;

  private SlotFormat() {}

  /** The length of the longest slot whose payload has so many bytes at most. */
  static int longest(int payloadBytes) {
    return HEADER_LENGTH + payloadBytes;
  }

  /** The Redis key of a slot. */
  static byte[] key(SlotKey key) {
    return (keyPrefix(key.cache()) + key.key()).getBytes(UTF_8);
  }

  /** What the Redis keys of a cache start with, and no other cache's. Free of glob characters. */
  static String keyPrefix(String cache) {
    return KEY_PREFIX + cache + ":";
  }

  /**
   * A version or a floor as scripts take it.
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

  /** A fence as scripts take it: 0 or more. */
  static byte[] fence(long fence) {
    return digits(fence, FENCE_DIGITS);
  }

  /** How long a load took, as scripts take it: rounded up, so that it does not become unknown. */
  static byte[] loadTime(Duration time) {
    long micros =
        time.compareTo(Duration.of(LONGEST_LOAD_MICROS, ChronoUnit.MICROS)) >= 0
            ? LONGEST_LOAD_MICROS
            : TimeUnit.NANOSECONDS.toMicros(time.toNanos() + 999);
    return digits(micros, LOAD_TIME_DIGITS);
  }

  /** A writer's name as scripts take it. */
  static byte[] writer(String name) {
    byte[] field = new byte[WriterName.MAX_LENGTH];
    Arrays.fill(field, (byte) ' ');
    System.arraycopy(name.getBytes(US_ASCII), 0, field, 0, name.length());
    return field;
  }

  /** Reads a version or a floor that a script answered. */
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
   * @param nowMillis the server's clock; asked only for an entry
   * @return the slot, {@link Slot.Damaged} if the bytes are none
   */
  static Slot parsed(byte[] bytes, LongSupplier nowMillis) {
    if (bytes.length < HEADER_LENGTH || !hasItsLetters(bytes)) {
      return new Slot.Damaged();
    }
    long version = versionAt(bytes, VERSION_AT + 1);
    long fence = numberAt(bytes, FENCE_AT + 1, FENCE_DIGITS);
    long floor = versionAt(bytes, FLOOR_AT + 1);
    long expiry = numberAt(bytes, EXPIRY_AT + 1, MOMENT_DIGITS);
    long written = numberAt(bytes, WRITTEN_AT + 1, MOMENT_DIGITS);
    long loadMicros = numberAt(bytes, LOAD_TIME_AT + 1, LOAD_TIME_DIGITS);
    String writer = writerAt(bytes, WRITER_AT + 1);
    boolean isBroken = version == BROKEN || fence == BROKEN || floor == BROKEN || expiry == BROKEN;
    if (isBroken || written == BROKEN || loadMicros == BROKEN || writer == null) {
      return new Slot.Damaged();
    }
    boolean hasPayload = bytes.length > HEADER_LENGTH;
    char state = (char) bytes[STATE_AT];
    if (state == 'P' && !hasPayload) {
      return new Slot.Pending(fence, floor, writer, Instant.ofEpochMilli(written));
    }
    boolean isValue = state == 'V' && version != Version.NONE;
    if (!isValue && (state != 'A' || hasPayload)) {
      return new Slot.Damaged();
    }
    // When it was written is a moment that the server's clock has reached, whatever is thought of
    // it here: an entry is never fresh for longer than it was meant to be.
    long freshMillis = Math.max(0, expiry - Math.max(written, nowMillis.getAsLong()));
    Freshness freshness =
        freshMillis > 0 || bytes[EXPIRY_AT] == GONE_THEN ? Freshness.FRESH : Freshness.EXPIRED;
    Filling filling =
        new Filling(
            writer,
            Instant.ofEpochMilli(written),
            Duration.of(loadMicros, ChronoUnit.MICROS),
            Duration.ofMillis(freshMillis));
    return isValue
        ? new Slot.Value(version, payloadOf(bytes), freshness, filling)
        : new Slot.Absent(floor, freshness, filling);
  }

  private static boolean hasItsLetters(byte[] bytes) {
    return Arrays.equals(bytes, 0, FORMAT.length, FORMAT, 0, FORMAT.length)
        && bytes[VERSION_AT] == 'v'
        && bytes[FENCE_AT] == 'f'
        && bytes[FLOOR_AT] == 'l'
        && (bytes[EXPIRY_AT] == KEPT_AFTER || bytes[EXPIRY_AT] == GONE_THEN)
        && bytes[WRITTEN_AT] == 't'
        && bytes[LOAD_TIME_AT] == 'd'
        && bytes[WRITER_AT] == 'b';
  }

  private static Payload payloadOf(byte[] bytes) {
    return Payload.wrap(Arrays.copyOfRange(bytes, HEADER_LENGTH, bytes.length));
  }

  /** The name, or null if it is none. */
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

  /** A 1 and the number, or only zeros for none. */
  private static long versionAt(byte[] bytes, int at) {
    long number = numberAt(bytes, at + 1, VERSION_DIGITS - 1);
    if (bytes[at] == '1') {
      return number;
    }
    return bytes[at] == '0' && number == 0 ? Version.NONE : BROKEN;
  }

  /** The number, or {@link #BROKEN} if it is no number or over 2^63-1. */
  private static long numberAt(byte[] bytes, int at, int digits) {
    long number = 0;
    for (int i = at; i < at + digits; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return BROKEN;
      }
      // 19 digits can pass 2^63-1, but stay below 2^64: too large a number is a negative one.
      number = number * 10 + digit;
    }
    return number < 0 ? BROKEN : number;
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
