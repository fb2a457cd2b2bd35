package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemark.bench.Sample.Quantity;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final Sample BASE = sample(10, 1_000);
  private static final Sample SLOWER = sample(20, 2_500);

  @Test
  void of_slowerSample_takesTwiceTheTimeAndDoesHalfAsMuch() {
    assertThat(Comparison.TIME.of(SLOWER, BASE)).isEqualTo(2);
    assertThat(Comparison.RATE.of(SLOWER, BASE)).isEqualTo(0.5);
    assertThat(Comparison.ALLOCATION.of(SLOWER, BASE)).isEqualTo(1_500);
  }

  @Test
  void of_loads_countsThem() {
    Sample loaded = new Sample(Map.of(Quantity.LOADS, 4.0));

    assertThat(Comparison.LOADS.of(loaded, loaded)).isEqualTo(4);
    assertThat(Comparison.LOADS.same()).isEmpty();
  }

  @Test
  void of_quantityThatWasNotMeasured_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Comparison.LOADS.of(BASE, BASE))
        .withMessageContaining("LOADS");
  }

  @Test
  void text_anyFigure_hasAsManyDigitsAsItCanTell() {
    assertThat(Comparison.RATE.text(0.0123)).isEqualTo("0.012");
    assertThat(Comparison.RATE.text(0.974)).isEqualTo("0.97");
    assertThat(Comparison.RATE.text(1_234.5)).isEqualTo("1,235");
    assertThat(Comparison.ALLOCATION.text(1_500)).isEqualTo("+1,500");
    assertThat(Comparison.ALLOCATION.text(-40)).isEqualTo("-40");
  }

  private static Sample sample(double micros, double bytes) {
    return new Sample(Map.of(Quantity.MICROS, micros, Quantity.BYTES, bytes));
  }
}
