package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class PlotTest {
  private static final Plot.Row BASE = new Plot.Row("base", new Spread(5, 1, 1, 1), "");

  @Test
  void svg_halfAndDouble_areEquallyFarFromTheBase() throws Exception {
    Document svg =
        drawn(
            BASE,
            new Plot.Row("half", new Spread(5, 0.25, 0.5, 1), ""),
            new Plot.Row("double", new Spread(5, 1, 2, 4), ""));

    double base = median(svg, 0);
    assertThat(base - median(svg, 1)).isPositive().isEqualTo(median(svg, 2) - base);
  }

  @Test
  void svg_namesWithSigns_isWellFormed() throws Exception {
    Document svg = drawn(BASE, new Plot.Row("a < \"b\" & c", new Spread(5, 1, 1, 1), ""));

    assertThat(svg.getDocumentElement().getTextContent()).contains("a < \"b\" & c");
  }

  @Test
  void svg_farRatio_isAtTheEdgeWithItsNumber() throws Exception {
    Document svg = drawn(BASE, new Plot.Row("far", new Spread(5, 0.0001, 700, 900), "700"));

    double width = Double.parseDouble(svg.getDocumentElement().getAttribute("width"));
    assertThat(median(svg, 1)).isBetween(median(svg, 0), width);
    assertThat(svg.getDocumentElement().getTextContent()).contains("700");
  }

  private static double median(Document svg, int row) {
    Element dot = (Element) svg.getElementsByTagName("circle").item(row);
    return Double.parseDouble(dot.getAttribute("cx"));
  }

  private static Document drawn(Plot.Row... rows) throws Exception {
    String svg = Plot.svg("hits & misses", "base = 1", List.of(rows));
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }
}
