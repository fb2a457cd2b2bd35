package io.tidemark.bench;

import java.util.List;

/**
 * A drawing of what some times are made of: bars, one below the other. Immutable.
 *
 * @param title what is seen
 */
record Breakdown(String title, List<Bar> bars) {
  Breakdown {
    bars = List.copyOf(bars);
  }

  /**
   * A time, and its parts from left to right.
   *
   * @param whole the run that takes all of it
   */
  record Bar(String title, Run whole, List<Part> parts) {
    Bar {
      parts = List.copyOf(parts);
    }
  }

  /**
   * A part of a time: what one run takes beyond others.
   *
   * @param whole the run that takes this part and the others
   * @param others runs of the same work, perhaps none
   */
  record Part(String title, Run whole, List<Run> others) {
    Part {
      others = List.copyOf(others);
    }
  }
}
