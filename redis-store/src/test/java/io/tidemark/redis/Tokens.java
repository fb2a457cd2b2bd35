package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.UUID;

/** Makes tokens of holdings from readable names. */
final class Tokens {
  private Tokens() {}

  static String of(String name) {
    return UUID.nameUUIDFromBytes(name.getBytes(UTF_8)).toString();
  }
}
