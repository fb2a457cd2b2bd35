package io.tidemark;

/** What to do with a failure that comes after another. */
final class Failures {
  private Failures() {}

  /** Notes a later failure in the first, which is the one to be thrown. */
  static void addLater(Throwable first, Throwable later) {
    // A part that is broken may throw one object again and again.
    if (first != later) {
      first.addSuppressed(later);
    }
  }
}
