package io.tidemark.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets all runs take turns, round by round: a machine that becomes slow in the meantime is slow for
 * everyone.
 */
final class Rounds {
  private Rounds() {}

  /** Measures a run. */
  @FunctionalInterface
  interface Meter {
    /**
     * Measures it once.
     *
     * @param name of this measurement, for the name of a file
     */
    Sample measure(String name, Run run) throws Exception;
  }

  /** Is told how far it is. */
  interface Listener {
    /** Says what is about to be measured; both numbers begin with 1. */
    void measures(int round, int number, Work work, Run run);

    /** Says that a round is over, with the samples of all rounds so far. */
    void finished(int rounds, Map<Run, List<Sample>> samples) throws Exception;
  }

  /** Plays all rounds; the samples of each run are in the order of the rounds. */
  static void play(List<Work> works, int rounds, Meter meter, Listener listener) throws Exception {
    Map<Run, List<Sample>> samples = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      int number = 0;
      for (Work work : works) {
        for (Run run : work.inOrderOf(round)) {
          number++;
          listener.measures(round + 1, number, work, run);
          String name =
              "round-%d-%s-%s".formatted(round + 1, work.fileName(), Work.slug(run.title()));
          samples.computeIfAbsent(run, any -> new ArrayList<>()).add(meter.measure(name, run));
        }
      }
      listener.finished(round + 1, samples);
    }
  }
}
