package io.tidemark.demo.acts;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.demo.acts.Plot.Point;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlotTest {
  private final Plot plot = new Plot("What <is> seen", "ms", 10, 100);

  @Test
  void dots_pointsAtOnePlace_areDrawnOnce() {
    plot.dots("Tidemark & co", Collections.nCopies(1_000, new Point(5, 50)));

    assertThat(plot.html())
        .contains("<path class=\"dots c0\" d=\"M500 150h0\"/>")
        .contains("<li class=\"c0\">Tidemark &amp; co</li>");
  }

  @Test
  void failures_none_areNotInTheLegend() {
    plot.failures(List.of());

    assertThat(plot.html()).doesNotContain("failed");
  }

  @Test
  void area_steps_goFromEachSecondToTheNext() {
    plot.area(List.of(new Point(0, 100), new Point(5, 0)));

    assertThat(plot.html()).contains("d=\"M0 300H0V0H500V300V300Z\"");
  }

  @Test
  void html_always_hasItsLabelUnitsAndNumbers() {
    assertThat(plot.html())
        .contains("aria-label=\"What &lt;is&gt; seen\"", ">ms</p>", ">seconds</p>")
        .contains("style=\"left:40.00%\" aria-hidden=\"true\">4</span>")
        .contains("style=\"bottom:20.00%\" aria-hidden=\"true\">20</span>");
  }
}
