package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.spi.Payload;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Slot.Freshness;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * The bytes of slots and of their keys. {@code slot.lua} describes the header; the two must agree
 * on what is damaged, or a slot that is a miss for readers would be a hit for claims.
 */
final class SlotFormat {
  private static final String KEY_PREFIX = "tidemark:";
  private static final byte[] FORMAT = {'T', '1'};

  private static final int FENCE_DIGITS = 19;
  private static final int VERSION_DIGITS = 20;
  private static final int EXPIRY_DIGITS = 15;

  private static final int STATE_AT = FORMAT.length;
  private static final int VERSION_AT = STATE_AT + 1;
  private static final int FENCE_AT = VERSION_AT + 1 + VERSION_DIGITS;
  private static final int FLOOR_AT = FENCE_AT + 1 + FENCE_DIGITS;
  private static final int EXPIRY_AT = FLOOR_AT + 1 + VERSION_DIGITS;
  private static final int HEADER_LENGTH = EXPIRY_AT + 1 + EXPIRY_DIGITS;

  private static final int BROKEN = -2;

  private SlotFormat() {}

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
   * @param hasPassed whether a moment, in milliseconds of the server's clock, has come; asked only
   *     for an entry that has a grace time
   * @return the slot, {@link Slot.Damaged} if the bytes are none
   */
  static Slot parsed(byte[] bytes, LongPredicate hasPassed) {
    if (bytes.length < HEADER_LENGTH || !hasItsLetters(bytes)) {
      return new Slot.Damaged();
    }
    long version = versionAt(bytes, VERSION_AT + 1);
    long fence = numberAt(bytes, FENCE_AT + 1, FENCE_DIGITS);
    long floor = versionAt(bytes, FLOOR_AT + 1);
    long expiry = numberAt(bytes, EXPIRY_AT + 1, EXPIRY_DIGITS);
    if (version == BROKEN || fence == BROKEN || floor == BROKEN || expiry == BROKEN) {
      return new Slot.Damaged();
    }
    boolean hasPayload = bytes.length > HEADER_LENGTH;
    char state = (char) bytes[STATE_AT];
    if (state == 'V' && version != Version.NONE) {
      Payload payload = Payload.wrap(Arrays.copyOfRange(bytes, HEADER_LENGTH, bytes.length));
      return new Slot.Value(version, payload, freshness(expiry, hasPassed));
    }
    if (state == 'A' && !hasPayload) {
      return new Slot.Absent(floor, freshness(expiry, hasPassed));
    }
    return state == 'P' && !hasPayload ? new Slot.Pending(fence, floor) : new Slot.Damaged();
  }

  private static boolean hasItsLetters(byte[] bytes) {
    return Arrays.equals(bytes, 0, FORMAT.length, FORMAT, 0, FORMAT.length)
        && bytes[VERSION_AT] == 'v'
        && bytes[FENCE_AT] == 'f'
        && bytes[FLOOR_AT] == 'l'
        && bytes[EXPIRY_AT] == 'e';
  }

  private static Freshness freshness(long expiry, LongPredicate hasPassed) {
    return expiry != 0 && hasPassed.test(expiry) ? Freshness.EXPIRED : Freshness.FRESH;
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
