package io.tidemark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The page that keeps what was found: a section for each work, which stays as it is until that work
 * is measured again. So works may be measured one after the other, on different days.
 */
final class ResultsPage {
  /** The name of its file. */
  static final String NAME = "RESULTS.md";

  private static final String HEAD =
      """
      # Tidemark compared

      Times, rates and sizes compare a contestant with the base of its row in the same round; loads, requests and wrong answers
      are counted. A table has the median of all rounds, and the lowest and the highest. Where these lie on both sides of the
      base, or there were fewer than %d rounds, no difference is shown. Each section ends with its date, machine and command.
      `bench/run` wrote this page; [bench/README.md](README.md) says what is measured, and under which conditions.
      """
          .formatted(Spread.LEAST_ROUNDS);

  private static final String SECTION = "## ";

  private final Map<String, String> sections;

  private ResultsPage(Map<String, String> sections) {
    this.sections = sections;
  }

  /** The page in a folder, or an empty one if there is none. */
  static ResultsPage in(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    return of(Files.exists(file) ? Files.readString(file) : "");
  }

  /** The page with this text. */
  static ResultsPage of(String text) {
    Map<String, List<String>> found = new LinkedHashMap<>();
    List<String> lines = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (line.startsWith(SECTION)) {
        lines = new ArrayList<>();
        found.put(line.substring(SECTION.length()), lines);
      } else {
        lines.add(line);
      }
    }
    Map<String, String> sections = new LinkedHashMap<>();
    found.forEach((title, body) -> sections.put(title, String.join("\n", body).strip()));
    return new ResultsPage(sections);
  }

  /** What it says of a work; empty if that was not measured. */
  String section(String title) {
    return sections.getOrDefault(title, "");
  }

  /**
   * This page, with other words about a work.
   *
   * @param body without a line that would begin a section
   */
  ResultsPage with(String title, String body) {
    if (body.lines().anyMatch(line -> line.startsWith(SECTION))) {
      throw new IllegalArgumentException("a section within the section \"" + title + "\"");
    }
    Map<String, String> all = new LinkedHashMap<>(sections);
    all.put(title, body.strip());
    return new ResultsPage(all);
  }

  /**
   * Its text.
   *
   * @param order the works that it may be about, first to last; others are left out, since nothing
   *     measures them any more
   */
  String text(List<String> order) {
    StringBuilder text = new StringBuilder(HEAD);
    for (String title : order) {
      if (sections.containsKey(title)) {
        text.append("\n%s%s\n\n%s\n".formatted(SECTION, title, section(title)));
      }
    }
    return text.toString();
  }
}
