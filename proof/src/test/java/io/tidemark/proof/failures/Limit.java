package io.tidemark.proof.failures;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** What ends a call whose server does not answer, by the words of the page. */
enum Limit {
  REDIS("Redis limit"),
  POOL("pool limit"),
  DRIVER("driver limit"),
  WAIT("`waitLimit`"),
  DEADLINE("`deadline`");

  private final String words;

  Limit(String words) {
    this.words = words;
  }

  /** The limits that a cell says a call ends by. */
  static Set<Limit> in(String when) {
    return Arrays.stream(values())
        .filter(limit -> when.contains(limit.words))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Limit.class)));
  }
}
