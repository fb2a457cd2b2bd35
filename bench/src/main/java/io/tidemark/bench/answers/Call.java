package io.tidemark.bench.answers;

/**
 * A call that has ended, on the clock that all processes of this machine share: that of {@link
 * System#nanoTime} on Linux.
 *
 * @param kind what was asked
 * @param item which item was read or changed
 * @param startNanos before it was asked
 * @param endNanos after it was answered, or had failed
 * @param version what was read, or written; {@link #FAILED} if the call has thrown
 */
public record Call(Kind kind, int item, long startNanos, long endNanos, long version) {
  /** Stands for the version where there is no answer. */
  static final long FAILED = -1;

  /** What was asked. */
  public enum Kind {
    /** A read. */
    READ,
    /** A change of the row, and of the cache after it. */
    WRITE
  }

  boolean isAnswered() {
    return version != FAILED;
  }

  /** As a line, which {@link #of} reads. */
  String line() {
    return "%s %d %d %d %d".formatted(kind, item, startNanos, endNanos, version);
  }

  static Call of(String line) {
    String[] words = line.split(" ", -1);
    return new Call(
        Kind.valueOf(words[0]),
        Integer.parseInt(words[1]),
        Long.parseLong(words[2]),
        Long.parseLong(words[3]),
        Long.parseLong(words[4]));
  }
}
