package io.tidemark.demo.acts;

import java.util.ArrayList;
import java.util.List;

/** Collects what happens in one act. Not thread-safe. */
final class Notes {
  private final List<String> done = new ArrayList<>();
  private final List<Figure> figures = new ArrayList<>();
  private final List<TimedCall> calls = new ArrayList<>();
  private String score = "";
  private final List<String> broken = new ArrayList<>();

  /** Says what was done. */
  void did(String sentence) {
    done.add(sentence);
  }

  /** Says in a few words what the figures come to. */
  void score(String words) {
    score = words;
  }

  /** Notes a count or a text. */
  void figure(String name, Object value) {
    figure(name, value, "");
  }

  /** Notes a measurement. */
  void figure(String name, Object value, String unit) {
    figures.add(new Figure(name, value, unit));
  }

  /** Keeps calls for a plot. */
  void calls(List<TimedCall> timed) {
    calls.addAll(timed);
  }

  /** The calls that were kept. */
  List<TimedCall> calls() {
    return List.copyOf(calls);
  }

  /** Expects something; one expectation that does not hold fails the act. */
  void expect(boolean holds, String otherwise) {
    if (!holds) {
      broken.add(otherwise);
    }
  }

  /** Ends the act. */
  ActResult result(int number, Act act) {
    return new ActResult(
        number,
        act.name(),
        act.title(),
        score,
        List.copyOf(done),
        List.copyOf(figures),
        broken.isEmpty(),
        broken.isEmpty() ? act.promise() : String.join("; ", broken));
  }
}
