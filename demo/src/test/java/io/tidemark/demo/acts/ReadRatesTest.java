package io.tidemark.demo.acts;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.demo.acts.Plot.Point;
import io.tidemark.demo.acts.Timeline.Sample;
import io.tidemark.demo.acts.Timeline.Scene;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadRatesTest {
  private static final long SECOND = 1_000_000;
  private static final ActResult ACT =
      new ActResult(1, "name", "Title", "", List.of(), List.of(), true, "");
  private static final Scene SCENE = new Scene(ACT, 10 * SECOND, 13 * SECOND, List.of());

  @Test
  void of_samples_isWhatTheCounterRoseBySecondBySecond() {
    Timeline timeline =
        new Timeline(
            List.of(SCENE),
            List.of(
                new Sample(10 * SECOND, 5),
                new Sample(11 * SECOND, 105),
                new Sample(13 * SECOND, 125)));

    ReadRates rates = ReadRates.of(timeline);

    assertThat(rates.steps())
        .containsExactly(new Point(0, 100), new Point(1, 10), new Point(2, 10));
    assertThat(rates.most()).isEqualTo(100);
    assertThat(rates.readsText(SCENE)).isEqualTo("120");
  }

  @Test
  void of_noSamples_isNotCounted() {
    ReadRates rates = ReadRates.of(new Timeline(List.of(SCENE), List.of()));

    assertThat(rates.most()).isZero();
    assertThat(rates.readsText(SCENE)).isEqualTo("not counted");
  }
}
