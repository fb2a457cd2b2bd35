package io.tidemark.engine;

/** What a key is locked and claimed for. */
enum Work {
  /** A load. It loses its lock and its claim when the cache is closed. */
  LOAD(""),

  /** A write. Once it has begun, it is completed even if the cache is closed meanwhile. */
  WRITE("; the write did not run");

  private final String consequence;

  Work(String consequence) {
    this.consequence = consequence;
  }

  /** Ends the message of an error that kept the work from beginning. */
  String consequence() {
    return consequence;
  }
}
