package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final Sample BASE = new Sample(10, 1_000);
  private static final Sample SLOWER = new Sample(20, 2_500);

  @Test
  void of_slowerSample_takesTwiceTheTimeAndDoesHalfAsMuch() {
    assertThat(Comparison.TIME.of(SLOWER, BASE)).isEqualTo(2);
    assertThat(Comparison.RATE.of(SLOWER, BASE)).isEqualTo(0.5);
    assertThat(Comparison.ALLOCATION.of(SLOWER, BASE)).isEqualTo(1_500);
  }

  @Test
  void of_baseItself_isTheSame() {
    for (Comparison comparison : Comparison.values()) {
      assertThat(comparison.of(BASE, BASE)).as(comparison.title()).isEqualTo(comparison.same());
    }
  }

  @Test
  void text_anyFigure_hasAsManyDigitsAsItCanTell() {
    assertThat(Comparison.RATE.text(0.0123)).isEqualTo("0.012");
    assertThat(Comparison.RATE.text(0.974)).isEqualTo("0.97");
    assertThat(Comparison.RATE.text(1_234.5)).isEqualTo("1,235");
    assertThat(Comparison.ALLOCATION.text(1_500)).isEqualTo("+1,500");
    assertThat(Comparison.ALLOCATION.text(-40)).isEqualTo("-40");
  }
}
