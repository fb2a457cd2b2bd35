package io.tidemark.proof.failures;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The tables of {@code docs/failures.md}: each section named by a policy has one. */
final class Page {
  private static final Path FILE = Path.of("..", "docs", "failures.md");

  private Page() {}

  /**
   * A cell.
   *
   * @param answer what the caller gets: the words before the semicolon, without backquotes
   * @param limits what the call ends by: those in the words after the semicolon
   */
  record Cell(
      String policy,
      Server server,
      Fault fault,
      CallOnPage call,
      String answer,
      Set<Limit> limits) {
    /** Whether an answer is the cell's, or one of those between which it has "or". */
    boolean allows(String given) {
      return List.of(answer.split(",? or ")).contains(given);
    }

    @Override
    public String toString() {
      return "%s: %s %s, %s: %s".formatted(policy, server, fault, call, answer);
    }
  }

  /** The cells of a policy's table, row by row. */
  static List<Cell> cells(String policy) throws IOException {
    List<List<String>> rows =
        Files.readAllLines(FILE, UTF_8).stream()
            .dropWhile(line -> !line.equals("## `" + policy + "`"))
            .skip(1)
            .takeWhile(line -> !line.startsWith("## "))
            .filter(line -> line.startsWith("|") && !line.startsWith("|---"))
            .map(Page::fields)
            .toList();
    List<String> header = rows.get(0);
    List<Cell> cells = new ArrayList<>();
    for (List<String> row : rows.subList(1, rows.size())) {
      String when = "";
      for (int column = 2; column < row.size(); column++) {
        String[] parts = row.get(column).split("; ", 3);
        // The cell to the left has told already.
        when = parts[1].equals("likewise") ? when : parts[1];
        cells.add(
            new Cell(
                policy,
                Server.of(row.get(0)),
                Fault.of(row.get(1)),
                CallOnPage.of(header.get(column)),
                parts[0].replace("`", ""),
                Limit.in(when)));
      }
    }
    return cells;
  }

  private static List<String> fields(String line) {
    return Arrays.stream(line.substring(1, line.lastIndexOf('|')).split("\\|", -1))
        .map(String::strip)
        .toList();
  }
}
