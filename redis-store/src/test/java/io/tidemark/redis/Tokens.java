package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.UUID;

/** Tokens of holdings in the form that locks have them, from names that a test can read. */
final class Tokens {
  private Tokens() {}

  static String of(String name) {
    return UUID.nameUUIDFromBytes(name.getBytes(UTF_8)).toString();
  }
}
