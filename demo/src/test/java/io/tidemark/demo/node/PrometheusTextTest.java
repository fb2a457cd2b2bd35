package io.tidemark.demo.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrometheusTextTest {
  private static final String GOOD =
      """
      # HELP reads_total Reads.
      # TYPE reads_total counter
      reads_total{cache="a",b="c d"} 3.0
      """;

  @Test
  void parse_aCounter_isASample() {
    assertThat(PrometheusText.parse(GOOD).sample("reads_total{b=\"c d\",cache=\"a\"}"))
        .isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "reads_total{cache=\"b} 1.0",
        "reads_total{cache=\"b\"}",
        "reads_total{cache=\"b\"} many",
        "reads total 1.0",
        "{\"error\":\"broken\"}"
      })
  void parse_aBadLine_isRefused(String line) {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> PrometheusText.parse(GOOD + line + "\n"));
  }
}
