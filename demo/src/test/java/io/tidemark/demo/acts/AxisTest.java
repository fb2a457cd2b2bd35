package io.tidemark.demo.acts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {
  @ParameterizedTest
  @CsvSource({
    "5, 0 1 2 3 4 5",
    "7, 0 2 4 6 8",
    "100, 0 20 40 60 80 100",
    "101, 0 50 100 150",
    "0.4, 0.0 0.1 0.2 0.3 0.4",
    "5834, 0 2000 4000 6000",
  })
  void upTo_value_hasAFewRoundNumbersAndTheValueOnIt(double value, String ticks) {
    Axis axis = Axis.upTo(value);

    assertThat(axis.ticks().stream().map(axis::text).collect(Collectors.joining(" ")))
        .isEqualTo(ticks);
    assertThat(axis.share(value)).isBetween(0.5, 1.0);
  }
}
