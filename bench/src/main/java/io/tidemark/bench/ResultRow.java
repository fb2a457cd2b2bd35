package io.tidemark.bench;

import java.util.List;

/**
 * A row of the page of results, as text.
 *
 * @param title what was run
 * @param base the title of its base
 * @param median the middle figure
 * @param least the lowest
 * @param most the highest
 * @param remark what they do not show; may be empty
 */
record ResultRow(
    String title, String base, String median, String least, String most, String remark) {
  private static final String ITSELF = "itself";
  private static final String NO_DIFFERENCE = "no difference shown";
  private static final String TO = " – ";

  /** The row of an entry. */
  static ResultRow of(Work.Entry entry, Comparison comparison, Spread spread) {
    boolean tells = entry.isBase() || comparison.same().map(spread::shows).orElse(true);
    return new ResultRow(
        entry.run().title(),
        base(entry),
        comparison.text(spread.median()),
        comparison.text(spread.least()),
        comparison.text(spread.most()),
        tells ? "" : NO_DIFFERENCE);
  }

  /**
   * The row with these cells.
   *
   * @throws IllegalArgumentException if they are not those of a row
   */
  static ResultRow of(List<String> cells) {
    String[] range = cells.size() == 5 ? cells.get(3).split(TO, -1) : new String[0];
    if (range.length != 2) {
      throw new IllegalArgumentException("not a row of the page of results: " + cells);
    }
    return new ResultRow(
        cells.get(0), cells.get(1), cells.get(2), range[0], range[1], cells.get(4));
  }

  /** The titles of the cells. */
  static List<String> head(Comparison comparison) {
    return List.of("", "base", comparison.title(), "min" + TO + "max", "");
  }

  /** What a row says of the base of an entry. */
  static String base(Work.Entry entry) {
    return entry.isBase() ? ITSELF : entry.base().title();
  }

  List<String> cells() {
    return List.of(title, base, median, least + TO + most, remark);
  }

  /** Whether it says how the figures differ from the base's. */
  boolean tells() {
    return !remark.equals(NO_DIFFERENCE);
  }
}
