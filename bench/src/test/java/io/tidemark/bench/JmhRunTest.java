package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class JmhRunTest {
  @Test
  void perCall_manyCallsAtOnce_isTheirShare() {
    JmhRun single = new JmhRun("step", "benchmark", 1, Map.of("step", "GET"));

    JmhRun many = single.withCalls("calls", 20);

    assertThat(many.parameters()).isEqualTo(Map.of("step", "GET", "calls", "20"));
    assertThat(many.perCall(40)).isEqualTo(2);
    assertThat(single.perCall(40)).isEqualTo(40);
  }
}
