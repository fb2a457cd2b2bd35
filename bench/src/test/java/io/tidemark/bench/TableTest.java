package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @Test
  void in_pageWithSeveralTables_findsThemAsTheyWereWritten() {
    Table first = new Table(List.of("", "base"), List.of(List.of("a", "x"), List.of("b", "")));
    Table second = new Table(List.of("alone"), List.of());

    assertThat(Table.in("Words.\n\n" + first.text() + "\nOther words.\n" + second.text().strip()))
        .containsExactly(first, second);
  }

  @Test
  void in_pageWithoutTables_findsNone() {
    assertThat(Table.in("Words | and words.\n")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"| a | b |", "| a | b |\n| 1 | 2 |", "| a | b |\n\n|---|---|"})
  void in_barsWithoutDashesBelowThem_areRefused(String page) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Table.in(page))
        .withMessageEndingWith("head: | a | b |");
  }

  @ParameterizedTest
  @ValueSource(strings = {"| 1 |", "| 1 | 2 | 3 |", "| 1 | 2", "|"})
  void in_rowUnlikeTheHead_isRefused(String row) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Table.in("| a | b |\n|---|---|\n" + row))
        .withMessageEndingWith(": " + row);
  }
}
