package io.tidemark.demo.services;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** One of the three servers, as the command line calls it. */
public enum ServerName {
  /** Locks. */
  ZOOKEEPER,
  /** Slots. */
  REDIS,
  /** Products. */
  POSTGRES;

  /** Its name in lower case. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The server of that name; PostgreSQL's may be written out.
   *
   * @throws IllegalArgumentException if there is none; the message has the value and the rule
   */
  public static ServerName of(String text) {
    return Arrays.stream(values())
        .filter(name -> name.text().equals(text.equals("postgresql") ? POSTGRES.text() : text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "'%s'; it must be one of %s".formatted(text, texts())));
  }

  private static String texts() {
    return Arrays.stream(values()).map(ServerName::text).collect(Collectors.joining(", "));
  }
}
