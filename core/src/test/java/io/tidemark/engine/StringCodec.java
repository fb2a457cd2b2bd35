package io.tidemark.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.Codec;

/** Text as it is. {@code !} cannot be encoded, and {@code ?} cannot be decoded. */
final class StringCodec implements Codec<String> {
  @Override
  public byte[] encode(String value) {
    if (value.equals("!")) {
      throw new IllegalStateException("no encoding");
    }
    return value.getBytes(UTF_8);
  }

  @Override
  public String decode(byte[] bytes) {
    String value = new String(bytes, UTF_8);
    if (value.equals("?")) {
      throw new IllegalStateException("not understood");
    }
    return value;
  }
}
