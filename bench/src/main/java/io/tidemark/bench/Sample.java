package io.tidemark.bench;

import java.util.Map;

/**
 * What one run came to. Only ratios of times are told.
 *
 * @param values each quantity that it has measured
 */
record Sample(Map<Quantity, Double> values) {
  Sample {
    values = Map.copyOf(values);
  }

  /** What can be measured. */
  enum Quantity {
    /** The mean time of an operation in microseconds. */
    MICROS,
    /** The mean memory of the heap that an operation took, in all threads of the process. */
    BYTES,
    /** The mean number of loads of a key. */
    LOADS,
    /** The mean number of requests to ZooKeeper for a key. */
    ZOOKEEPER_REQUESTS,
    /** The mean number of writes of ZooKeeper for a key, those included that it refuses. */
    ZOOKEEPER_WRITES,
    /** The mean number of commands that Redis runs for a key, those of scripts included. */
    REDIS_COMMANDS,
    /** The memory that Redis takes for an entry. */
    ENTRY_BYTES,
    /** What of that is neither its key nor its JSON. */
    EXTRA_BYTES,
    /** The memory of the heap that a process keeps for a key that it has read. */
    HEAP_BYTES,
    /** The time of the last of a key's callers beyond that of a load: the median of all keys. */
    LAST_MICROS,
    /** The median of the times of all callers beyond that of a load. */
    MEDIAN_MICROS,
    /** What half of the calls do not exceed, from the moment on at which each was planned. */
    P50_MICROS,
    /** What 99 of 100 calls do not exceed, likewise. */
    P99_MICROS,
    /** What 999 of 1,000 calls do not exceed, likewise. */
    P999_MICROS,
    /** Of 100 reads, those that loaded nothing. */
    HITS,
    /** Of a million answers, those that were older than an acknowledged write. */
    OLD,
    /** Of a million answers, those that were not, but older than an earlier answer. */
    BACK,
    /** Of a million reads, those without an answer. */
    FAILED
  }

  /**
   * The value of a quantity.
   *
   * @throws IllegalArgumentException if the run has not measured it
   */
  double value(Quantity quantity) {
    Double value = values.get(quantity);
    if (value == null) {
      throw new IllegalArgumentException(quantity + " was not measured");
    }
    return value;
  }
}
