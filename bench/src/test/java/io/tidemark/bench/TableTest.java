package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void text_cellsOfSeveralLengths_alignsColumns() {
    Table table =
        new Table(
            List.of("", "base"), List.of(List.of("short", "x"), List.of("rather long", "itself")));

    assertThat(table.text())
        .isEqualTo(
            """
            |             | base   |
            |-------------|--------|
            | short       | x      |
            | rather long | itself |
            """);
  }
}
