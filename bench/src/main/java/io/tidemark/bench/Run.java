package io.tidemark.bench;

import java.util.Map;

/**
 * What JMH measures at a stretch, once in each round. Immutable.
 *
 * @param title what it is called in tables
 * @param benchmark the class and the method of the benchmark, as JMH names it
 * @param threads how many threads call at once
 * @param parameters of the benchmark; the addresses of the servers come on top
 */
record Run(String title, String benchmark, int threads, Map<String, String> parameters) {
  Run {
    parameters = Map.copyOf(parameters);
  }
}
