package io.tidemark.proof.bars;

/** A value of 100 bytes as JSON. */
record Page(int number, String title, String author) {
  static Page of(int number) {
    return new Page(
        number, "The title of page number " + number + " of 100000", "An author, " + number % 7);
  }
}
