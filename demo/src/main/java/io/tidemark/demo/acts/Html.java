package io.tidemark.demo.acts;

import java.util.List;

/** Pieces of HTML. */
final class Html {
  private Html() {}

  /** A text as HTML writes it, between tags and in attributes. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** A paragraph of text. */
  static String paragraph(String text) {
    return "<p>" + escape(text) + "</p>\n";
  }

  /** A table whose first column names its rows. */
  static String table(String caption, List<String> head, List<List<String>> rows) {
    StringBuilder html = new StringBuilder("<div class=\"wide\"><table>\n");
    html.append("<caption>%s</caption>\n<tr>".formatted(escape(caption)));
    head.forEach(cell -> html.append("<th scope=\"col\">%s</th>".formatted(escape(cell))));
    html.append("</tr>\n");
    for (List<String> row : rows) {
      html.append("<tr><th scope=\"row\">%s</th>".formatted(escape(row.get(0))));
      row.subList(1, row.size())
          .forEach(cell -> html.append("<td>%s</td>".formatted(escape(cell))));
      html.append("</tr>\n");
    }
    return html.append("</table></div>\n").toString();
  }

  /** The same of two columns without a head. */
  static String pairs(String caption, List<List<String>> rows) {
    return table(caption, List.of(), rows).replace("<tr></tr>\n", "");
  }
}
