package io.tidemark.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * A table that is read in a terminal and as Markdown.
 *
 * @param head the titles of its columns
 * @param rows a cell for each column
 */
record Table(List<String> head, List<List<String>> rows) {
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
