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
    StringBuilder html = new StringBuilder(wide(caption));
    html.append("<tr>");
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

  /** Begins a table, which can be scrolled where the page is narrow, by the keyboard, too. */
  static String wide(String caption) {
    return "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%1$s\"><table>\n<caption>%1$s</caption>\n"
        .formatted(escape(caption));
  }

  /** The same of two columns without a head. */
  static String pairs(String caption, List<List<String>> rows) {
    return table(caption, List.of(), rows).replace("<tr></tr>\n", "");
  }
}
