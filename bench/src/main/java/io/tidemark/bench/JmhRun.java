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
 * @param calls how many calls JMH takes for one
 */
record JmhRun(
    String title, String benchmark, int threads, Map<String, String> parameters, int calls)
    implements Run {
  JmhRun {
    parameters = Map.copyOf(parameters);
  }

  /** A run of a benchmark that makes one call at a time. */
  JmhRun(String title, String benchmark, int threads, Map<String, String> parameters) {
    this(title, benchmark, threads, parameters, 1);
  }

  /** This run, for a benchmark that makes as many calls at once as one of its parameters says. */
  JmhRun withCalls(String parameter, int number) {
    Map<String, String> all = new HashMap<>(parameters);
    all.put(parameter, Integer.toString(number));
    return new JmhRun(title, benchmark, threads, all, number);
  }

  /** What one call has of a figure of JMH. */
  double perCall(double figure) {
    return figure / calls;
  }
}
