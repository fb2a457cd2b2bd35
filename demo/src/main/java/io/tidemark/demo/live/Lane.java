package io.tidemark.demo.live;

import com.fasterxml.jackson.annotation.JsonValue;

/** The two sides that get the same calls. */
enum Lane {
  TIDEMARK("tidemark"),
  RIVAL("rival");

  private final String word;

  Lane(String word) {
    this.word = word;
  }

  /** What the page calls it. */
  @JsonValue
  String word() {
    return word;
  }
}
