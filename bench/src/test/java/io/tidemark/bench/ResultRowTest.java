package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultRowTest {
  private static final Run BASE = new JmhRun("base", "benchmark", 1, Map.of());
  private static final Run OTHER = new JmhRun("other", "benchmark", 1, Map.of());
  private static final Spread DIFFERENT = new Spread(5, 2, 3, 4);
  private static final Spread EVEN = new Spread(5, 0.5, 1, 2);

  @Test
  void of_cellsOfARow_isThatRow() {
    ResultRow row = ResultRow.of(new Work.Entry(OTHER, BASE), Comparison.TIME, EVEN);

    assertThat(row.cells())
        .hasSameSizeAs(ResultRow.head(Comparison.TIME))
        .containsExactly("other", "base", "1.00", "0.50 – 2.00", "no difference shown");
    assertThat(ResultRow.of(row.cells())).isEqualTo(row);
  }

  @Test
  void tells_anyRow_dependsOnTheRoundsUnlessItIsTheBaseOrACount() {
    Work.Entry base = new Work.Entry(BASE, BASE);
    Work.Entry other = new Work.Entry(OTHER, BASE);

    assertThat(ResultRow.of(other, Comparison.TIME, DIFFERENT).tells()).isTrue();
    assertThat(ResultRow.of(other, Comparison.TIME, EVEN).tells()).isFalse();
    assertThat(ResultRow.of(base, Comparison.TIME, EVEN).tells()).isTrue();
    assertThat(ResultRow.of(other, Comparison.LOADS, EVEN).tells()).isTrue();
  }

  @Test
  void of_otherCells_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ResultRow.of(List.of("a", "itself", "1.00", "1.00 – 1.00")))
        .withMessageContaining("[a, itself, 1.00, 1.00 – 1.00]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ResultRow.of(List.of("a", "itself", "1.00", "1.00", "")))
        .withMessageContaining("[a, itself, 1.00, 1.00, ]");
  }
}
