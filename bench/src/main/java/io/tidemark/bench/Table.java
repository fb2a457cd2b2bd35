package io.tidemark.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A table that is read in a terminal and as Markdown.
 *
 * @param head the titles of its columns
 * @param rows a cell for each column
 */
record Table(List<String> head, List<List<String>> rows) {
  /**
   * The tables of a page in Markdown, none of whose cells has a bar.
   *
   * @throws IllegalArgumentException if lines that begin with a bar are not a table
   */
  static List<Table> in(String page) {
    List<Table> tables = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    // The last table may end with the page.
    for (String line : (page + "\n\n").lines().toList()) {
      if (line.startsWith("|")) {
        lines.add(line);
      } else if (!lines.isEmpty()) {
        tables.add(of(lines));
        lines.clear();
      }
    }
    return tables;
  }

  private static Table of(List<String> lines) {
    List<String> head = cells(lines.get(0));
    if (lines.size() < 2 || !cells(lines.get(1)).stream().allMatch(cell -> cell.matches("-+"))) {
      throw new IllegalArgumentException("a table without dashes below its head: " + lines.get(0));
    }
    List<List<String>> rows = new ArrayList<>();
    for (String line : lines.subList(2, lines.size())) {
      List<String> row = cells(line);
      if (row.size() != head.size()) {
        throw new IllegalArgumentException(
            "%d cells where the head has %d: %s".formatted(row.size(), head.size(), line));
      }
      rows.add(row);
    }
    return new Table(head, rows);
  }

  private static List<String> cells(String line) {
    String text = line.strip();
    if (text.length() < 2 || !text.endsWith("|")) {
      throw new IllegalArgumentException("a row that does not end with a bar: " + line);
    }
    String[] cells = text.substring(1, text.length() - 1).split("\\|", -1);
    return Arrays.stream(cells).map(String::strip).toList();
  }

  /** The table, with columns of equal width; every line ends. */
  String text() {
    int[] widths = new int[head.size()];
    List<List<String>> all = new ArrayList<>(rows);
    all.add(head);
    for (List<String> row : all) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    StringBuilder text = new StringBuilder(line(head, widths)).append('|');
    for (int width : widths) {
      text.append("-".repeat(width + 2)).append('|');
    }
    text.append('\n');
    rows.forEach(row -> text.append(line(row, widths)));
    return text.toString();
  }

  private static String line(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder("|");
    for (int column = 0; column < widths.length; column++) {
      String cell = cells.get(column);
      line.append(' ').append(cell).append(" ".repeat(widths[column] - cell.length())).append(" |");
    }
    return line.append('\n').toString();
  }
}
