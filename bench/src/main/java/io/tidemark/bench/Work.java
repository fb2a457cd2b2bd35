package io.tidemark.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Work that is done in turns, and compared. Immutable.
 *
 * @param title what is done
 * @param comparisons how the samples are told; the plot shows the first, unless it is a count
 * @param entries the runs, each with its base
 * @param breakdowns what is drawn besides, of runs that all have the same base
 */
record Work(
    String title, List<Comparison> comparisons, List<Entry> entries, List<Breakdown> breakdowns) {
  Work {
    comparisons = List.copyOf(comparisons);
    entries = List.copyOf(entries);
    breakdowns = List.copyOf(breakdowns);
  }

  /** Work without breakdowns. */
  Work(String title, List<Comparison> comparisons, List<Entry> entries) {
    this(title, comparisons, entries, List.of());
  }

  /**
   * A run of the work.
   *
   * @param run what is run
   * @param base the run that it is compared with: one of the same work, perhaps itself
   */
  record Entry(Run run, Run base) {
    boolean isBase() {
      return run.equals(base);
    }
  }

  /** Whether its first figures are relative, so that a plot can show them beside a base. */
  boolean isCompared() {
    return comparisons.get(0).same().isPresent();
  }

  /** The title, for the name of a file. */
  String fileName() {
    return slug(title);
  }

  /** A text as the name of a file. */
  static String slug(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
  }

  /** The runs in the order of a round: every round begins with the next one. */
  List<Run> inOrderOf(int round) {
    List<Run> runs = new ArrayList<>(entries.stream().map(Entry::run).toList());
    Collections.rotate(runs, -round);
    return runs;
  }

  /** The figures of an entry, compared with its base within each round. */
  static Spread spread(Entry entry, Comparison comparison, Map<Run, List<Sample>> samples) {
    List<Sample> own = samplesOf(entry.run(), samples);
    List<Sample> bases = samplesOf(entry.base(), samples);
    List<Double> figures = new ArrayList<>();
    for (int round = 0; round < own.size(); round++) {
      figures.add(comparison.of(own.get(round), bases.get(round)));
    }
    return Spread.of(figures);
  }

  /** The figure of a part: the median of what it is within each round. */
  double median(Breakdown.Part part, Map<Run, List<Sample>> samples) {
    Comparison comparison = comparisons.get(0);
    List<Sample> bases = samplesOf(entries.get(0).base(), samples);
    List<Double> figures = new ArrayList<>();
    for (int round = 0; round < bases.size(); round++) {
      Sample base = bases.get(round);
      double figure = comparison.of(samplesOf(part.whole(), samples).get(round), base);
      for (Run other : part.others()) {
        figure -= comparison.of(samplesOf(other, samples).get(round), base);
      }
      figures.add(figure);
    }
    return Spread.of(figures).median();
  }

  private static List<Sample> samplesOf(Run run, Map<Run, List<Sample>> samples) {
    return samples.getOrDefault(run, List.of());
  }
}
