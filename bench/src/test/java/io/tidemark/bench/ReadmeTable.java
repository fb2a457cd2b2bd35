package io.tidemark.bench;

import io.tidemark.bench.contestants.Contestants;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What of the page of results the README shows: a table in Markdown, with a row for each contestant
 * and a column for some of its tables, and links to their sections. A base that all contestants
 * share is in the title of the column; others are in a row above the contestants that have them.
 */
final class ReadmeTable {
  /** All but Caffeine: it knows one process only, and so is no choice for a fleet. */
  private static final Set<Contestants> CONTESTANTS =
      Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(Contestants.CAFFEINE)));

  private static final Set<Contestants> OURS =
      Collections.unmodifiableSet(
          EnumSet.of(Contestants.TIDEMARK_ZOOKEEPER, Contestants.TIDEMARK_REDIS));

  private static final List<Column> COLUMNS =
      List.of(
          Column.of(Workload.HITS, Comparison.RATE),
          Column.of(Workload.MISSES, Comparison.TIME),
          Column.of(Workload.COLD_KEY, Comparison.LAST_CALLER),
          Column.of(Workload.COLD_KEY, Comparison.LOADS),
          Column.of(Workload.ANSWERS, Comparison.STALE_ANSWERS),
          Column.of(Workload.ANSWERS, Comparison.STEPS_BACK),
          Column.of(Workload.ANSWERS, Comparison.FAILED_READS));

  private ReadmeTable() {}

  /**
   * The table, and the line with the links below it; every line ends.
   *
   * @throws IllegalArgumentException if the page lacks a figure, or compares it with something else
   */
  static String of(ResultsPage page) {
    StringBuilder text = new StringBuilder(row("", COLUMNS.stream().map(Column::title), ""));
    text.append("|---").append("|---:".repeat(COLUMNS.size())).append("|\n");
    contestantsByBases()
        .forEach(
            (bases, contestants) -> {
              String title = "base: " + String.join("; ", bases);
              text.append(row(title, COLUMNS.stream().map(column -> ""), "*"));
              for (Contestants contestant : contestants) {
                text.append(
                    row(
                        contestant.title(),
                        COLUMNS.stream().map(column -> column.figure(contestant, page)),
                        OURS.contains(contestant) ? "**" : ""));
              }
            });
    return text.append("\nMedians of: ")
        .append(COLUMNS.stream().map(Column::link).distinct().collect(Collectors.joining("; ")))
        .append(".\n")
        .toString();
  }

  /** By those bases that are in no title of a column. */
  private static Map<Set<String>, List<Contestants>> contestantsByBases() {
    Map<Set<String>, List<Contestants>> found = new LinkedHashMap<>();
    for (Contestants contestant : CONTESTANTS) {
      Set<String> bases = new LinkedHashSet<>();
      COLUMNS.stream()
          .filter(column -> column.bases().size() > 1)
          .forEach(column -> bases.add(column.base(contestant)));
      found.computeIfAbsent(bases, any -> new ArrayList<>()).add(contestant);
    }
    return found;
  }

  /** A row with a mark on both sides of each text, such as that of bold type. */
  private static String row(String title, Stream<String> figures, String mark) {
    return Stream.concat(Stream.of(title), figures)
        .map(cell -> cell.isEmpty() ? "" : mark + cell + mark)
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  /**
   * A column.
   *
   * @param option how the command is told to measure the work
   */
  private record Column(String option, Work work, Comparison comparison) {
    /** The column of the first work of some. */
    static Column of(Workload workload, Comparison comparison) {
      return new Column(
          "--work " + workload.name().toLowerCase(Locale.ROOT),
          workload.works(EnumSet.allOf(Contestants.class), Effort.FULL).get(0),
          comparison);
    }

    /** A count speaks for itself; a ratio needs the first words of the work, and its base. */
    String title() {
      if (comparison.same().isEmpty()) {
        return comparison.title();
      }
      String title = work.title().replaceFirst(",.*", ": ") + comparison.title();
      return bases().size() == 1
          ? title.replace("base = ", bases().iterator().next() + " = ")
          : title;
    }

    /** The titles of the bases of all contestants; empty for counts. */
    Set<String> bases() {
      return comparison.same().isEmpty()
          ? Set.of()
          : CONTESTANTS.stream().map(this::base).collect(Collectors.toSet());
    }

    String base(Contestants contestant) {
      return entry(contestant).base().title();
    }

    /** A link to the section: GitHub makes its anchor of the title, as we make the file's name. */
    String link() {
      return "[%s](bench/%s#%s)".formatted(work.title(), ResultsPage.NAME, work.fileName());
    }

    /** The cell of a contestant. */
    String figure(Contestants contestant, ResultsPage page) {
      ResultRow row = row(contestant, page);
      if (!row.base().equals(ResultRow.base(entry(contestant)))) {
        throw new IllegalArgumentException(
            "%s is compared with \"%s\"".formatted(name(contestant), row.base()));
      }
      if (!row.tells()) {
        return "no difference";
      }
      // A bare zero would say that there were none in any round.
      String zero = comparison.text(0);
      return row.median().equals(zero) && !row.most().equals(zero)
          ? row.least() + " – " + row.most()
          : row.median();
    }

    private ResultRow row(Contestants contestant, ResultsPage page) {
      return Table.in(page.section(work.title())).stream()
          .filter(table -> table.head().equals(ResultRow.head(comparison)))
          .flatMap(table -> table.rows().stream())
          .map(ResultRow::of)
          .filter(row -> row.title().equals(contestant.title()))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "%s is missing: measure it with bench/run %s"
                          .formatted(name(contestant), option)));
    }

    private String name(Contestants contestant) {
      return "\"%s\" of \"%s\" in the section \"%s\" of %s"
          .formatted(comparison.title(), contestant.title(), work.title(), ResultsPage.NAME);
    }

    private Work.Entry entry(Contestants contestant) {
      return work.entries().stream()
          .filter(entry -> entry.run().title().equals(contestant.title()))
          .findFirst()
          .orElseThrow();
    }
  }
}
