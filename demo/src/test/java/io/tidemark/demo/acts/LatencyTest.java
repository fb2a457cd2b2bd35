package io.tidemark.demo.acts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LatencyTest {
  @Test
  void of_hundredCalls_hasTheMiddleTheNinetyNinthAndTheLongest() {
    List<TimedCall> calls =
        IntStream.rangeClosed(1, 100).mapToObj(i -> new TimedCall("a", 0, i, i > 98)).toList();

    assertThat(Latency.of(calls)).isEqualTo(new Latency(100, 2, 50, 99, 100));
    assertThat(Latency.of(calls).cells("a"))
        .containsExactly("a", "100", "2", "50.0", "99.0", "100.0");
  }

  @Test
  void of_oneCall_isThatCall() {
    assertThat(Latency.of(List.of(new TimedCall("a", 0, 7, false))))
        .isEqualTo(new Latency(1, 0, 7, 7, 7));
  }

  @Test
  void bySeries_mixedCalls_keepsTheirOrder() {
    TimedCall first = new TimedCall("b", 0, 1, false);
    TimedCall second = new TimedCall("a", 0, 2, false);
    TimedCall third = new TimedCall("b", 0, 3, false);

    assertThat(Latency.bySeries(List.of(first, second, third)))
        .containsOnlyKeys("b", "a")
        .containsEntry("b", List.of(first, third));
  }
}
