package io.tidemark.demo.live;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatenciesTest {
  private final Latencies latencies = new Latencies(1_000);

  @Test
  void percentile_noCalls_isNull() {
    assertThat(latencies.percentile(0.5, 0)).isNull();
  }

  @Test
  void percentile_someCalls_isTheTimeOfOne() {
    for (int millis = 1; millis <= 100; millis++) {
      latencies.add(0, millis);
    }

    assertThat(latencies.percentile(0.5, 100)).isEqualTo(51);
    assertThat(latencies.percentile(0.99, 100)).isEqualTo(100);
    assertThat(latencies.percentile(1, 100)).isEqualTo(100);
  }

  @Test
  void percentile_callsOfLongAgo_doNotCount() {
    latencies.add(0, 10);
    latencies.add(0, 1_500);

    assertThat(latencies.percentile(0, 1_600)).isEqualTo(1_500);
    assertThat(latencies.percentile(0, 3_000)).isNull();
  }
}
