package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.UUID;

/** Tokens of holdings, as locks have them, of whom a test has a name for. */
final class Tokens {
  private Tokens() {}

  static String of(String name) {
    return UUID.nameUUIDFromBytes(name.getBytes(UTF_8)).toString();
  }
}
