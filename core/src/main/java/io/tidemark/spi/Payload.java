package io.tidemark.spi;

import java.util.Arrays;

/**
 * An encoded value. Equal to another with the same bytes. Thread-safe as long as nobody changes the
 * array, which is not copied: entries are read far more often than a copy is worth. A store gives
 * each reader an array that nobody else has.
 */
public final class Payload {
  private final byte[] bytes;

  private Payload(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A payload on this very array, which must not be changed from here on. */
  public static Payload wrap(byte[] bytes) {
    return new Payload(bytes);
  }

  /** The array itself: each reader of a slot has one of its own, and may change it. */
  public byte[] bytes() {
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Payload payload && Arrays.equals(bytes, payload.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The size only: values stay out of logs. */
  @Override
  public String toString() {
    return bytes.length + " bytes";
  }
}
