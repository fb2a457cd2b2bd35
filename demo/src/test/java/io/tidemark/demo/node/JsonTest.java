package io.tidemark.demo.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void mapper_decimalInATree_keepsItsDigits() throws Exception {
    String stored = "{\"price\":100.00}";

    assertThat(Json.MAPPER.writeValueAsString(Json.MAPPER.readTree(stored))).isEqualTo(stored);
  }
}
