package io.tidemark.proof.failures;

import java.util.Locale;

/** What can be wrong with a server or with the network to it, by the words of the page. */
enum Fault {
  /** Every packet is late. */
  SLOW,
  /** The network resets connections, also new ones. */
  REFUSING,
  /** The network loses every packet, in both directions. */
  SWALLOWING,
  /** The server was stopped, and is up again. */
  RESTARTED,
  /** The server was stopped, and its port is closed. */
  GONE;

  static Fault of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** Whether it is one process that cannot use the server, and not everybody. */
  boolean isOfTheNetwork() {
    return this == SLOW || this == REFUSING || this == SWALLOWING;
  }
}
