package io.tidemark.bench;

import java.util.HashMap;
import java.util.Map;

/**
 * A run inside one process, by JMH.
 *
 * @param title what it is called in tables
 * @param benchmark the class and the method of the benchmark, as JMH names it
 * @param threads how many threads call at once
 * @param parameters of the benchmark; the addresses of the servers come on top
 */
record JmhRun(String title, String benchmark, int threads, Map<String, String> parameters)
    implements Run {
  JmhRun {
    parameters = Map.copyOf(parameters);
  }

  /** This run, with one more parameter. */
  JmhRun with(String parameter, String value) {
    Map<String, String> all = new HashMap<>(parameters);
    all.put(parameter, value);
    return new JmhRun(title, benchmark, threads, all);
  }
}
