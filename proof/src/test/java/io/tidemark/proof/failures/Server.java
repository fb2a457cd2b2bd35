package io.tidemark.proof.failures;

import java.util.Locale;

/** The servers that a process needs, by the words of the page. */
enum Server {
  ZOOKEEPER,
  REDIS,
  DATABASE;

  static Server of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
