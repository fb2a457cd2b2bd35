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
    /** The time of the last of a key's callers beyond that of a load: the median of all keys. */
    LAST_MICROS,
    /** The median of the times of all callers beyond that of a load. */
    MEDIAN_MICROS
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
