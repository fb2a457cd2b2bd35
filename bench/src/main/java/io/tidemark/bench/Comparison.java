package io.tidemark.bench;

import io.tidemark.bench.Sample.Quantity;
import java.util.Locale;
import java.util.Optional;

/** How a sample is told: beside that of the base of the same round, unless it is a count. */
enum Comparison {
  /** The ratio of the times of an operation. */
  TIME("time, base = 1", Kind.TIMES_AS_MUCH, Quantity.MICROS),
  /** The ratio of the operations in the same time. */
  RATE("operations a second, base = 1", Kind.TIMES_AS_MANY, Quantity.MICROS),
  /** The memory that an operation takes and the base's does not. */
  ALLOCATION("bytes allocated by an operation, base = 0", Kind.BEYOND, Quantity.BYTES),
  /** The ratio of what the last caller waits after the load. */
  LAST_CALLER(
      "last caller's time beyond the load, base = 1", Kind.TIMES_AS_MUCH, Quantity.LAST_MICROS),
  /** The ratio of what half of the callers do not exceed after the load. */
  MEDIAN_CALLER(
      "median caller's time beyond the load, base = 1", Kind.TIMES_AS_MUCH, Quantity.MEDIAN_MICROS),
  /** How often a key was loaded. */
  LOADS("loads of a key", Kind.COUNT, Quantity.LOADS),
  /** What ZooKeeper is asked. */
  ZOOKEEPER_REQUESTS("requests to ZooKeeper for a key", Kind.COUNT, Quantity.ZOOKEEPER_REQUESTS),
  /** What ZooKeeper writes. */
  ZOOKEEPER_WRITES("writes of ZooKeeper for a key", Kind.COUNT, Quantity.ZOOKEEPER_WRITES),
  /** What Redis does. */
  REDIS_COMMANDS("commands that Redis runs for a key", Kind.COUNT, Quantity.REDIS_COMMANDS),
  /** The ratio of what entries take in Redis. */
  ENTRY_BYTES("bytes of Redis for an entry, base = 1", Kind.TIMES_AS_MUCH, Quantity.ENTRY_BYTES),
  /** What an entry takes in Redis beyond what it is about. */
  EXTRA_BYTES(
      "bytes of Redis for an entry, beside its key and its JSON", Kind.COUNT, Quantity.EXTRA_BYTES),
  /** What a key takes in the process that has read it. */
  HEAP_BYTES("bytes of the heap for a key", Kind.COUNT, Quantity.HEAP_BYTES),
  /** The ratio of what half of the calls do not exceed. */
  P50("p50 from the planned start, base = 1", Kind.TIMES_AS_MUCH, Quantity.P50_MICROS),
  /** The ratio of what 99 of 100 calls do not exceed. */
  P99("p99 from the planned start, base = 1", Kind.TIMES_AS_MUCH, Quantity.P99_MICROS),
  /** The ratio of what 999 of 1,000 calls do not exceed. */
  P999("p99.9 from the planned start, base = 1", Kind.TIMES_AS_MUCH, Quantity.P999_MICROS),
  /** The ratio of the capacities. */
  CAPACITY("capacity in a closed loop, base = 1", Kind.TIMES_AS_MANY, Quantity.MICROS),
  /** How many reads were hits, so that it is seen that they were as many as they should be. */
  HITS("hits in 100 reads", Kind.COUNT, Quantity.HITS),
  /** How many answers were stale. */
  STALE_ANSWERS("stale answers in a million", Kind.COUNT, Quantity.OLD),
  /** How many answers were older than one before, and not stale. */
  STEPS_BACK("steps back in a million", Kind.COUNT, Quantity.BACK),
  /** How many reads were not answered. */
  FAILED_READS("failed reads in a million", Kind.COUNT, Quantity.FAILED);

  private enum Kind {
    TIMES_AS_MUCH,
    TIMES_AS_MANY,
    BEYOND,
    COUNT
  }

  private final String title;
  private final Kind kind;
  private final Quantity quantity;

  Comparison(String title, Kind kind, Quantity quantity) {
    this.title = title;
    this.kind = kind;
    this.quantity = quantity;
  }

  /** What the figures are, for the head of a table. */
  String title() {
    return title;
  }

  /** The figure of a sample that does not differ from the base's; none for a count. */
  Optional<Double> same() {
    return switch (kind) {
      case TIMES_AS_MUCH, TIMES_AS_MANY -> Optional.of(1.0);
      case BEYOND -> Optional.of(0.0);
      case COUNT -> Optional.empty();
    };
  }

  /** The figure of a sample. */
  double of(Sample sample, Sample base) {
    double own = sample.value(quantity);
    double others = base.value(quantity);
    return switch (kind) {
      case TIMES_AS_MUCH -> own / others;
      case TIMES_AS_MANY -> others / own;
      case BEYOND -> own - others;
      case COUNT -> own;
    };
  }

  /** A figure as tables write it. */
  String text(double figure) {
    return switch (kind) {
      case TIMES_AS_MUCH, TIMES_AS_MANY -> {
        int decimals = figure < 0.1 ? 3 : figure < 10 ? 2 : 0;
        yield String.format(Locale.ROOT, "%,." + decimals + "f", figure);
      }
      case BEYOND -> String.format(Locale.ROOT, "%+,.0f", figure);
      case COUNT -> String.format(Locale.ROOT, "%,.1f", figure);
    };
  }
}
