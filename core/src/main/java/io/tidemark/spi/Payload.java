package io.tidemark.spi;

import java.util.Arrays;

/**
 * An encoded value. Payloads with the same bytes are equal. The array is not copied, so a payload
 * is thread-safe as long as nobody changes its array. A store gives each reader its own.
 */
public final class Payload {
  private final byte[] bytes;

  private Payload(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Wraps an array without copying it; it must not be changed afterwards. */
  public static Payload wrap(byte[] bytes) {
    return new Payload(bytes);
  }

  /** Returns the array itself. Each reader of a slot gets its own array, and may change it. */
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

  /** Shows only the size: values stay out of logs. */
  @Override
  public String toString() {
    return bytes.length + " bytes";
  }
}
