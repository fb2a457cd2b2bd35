package io.tidemark;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.Finding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BulkSourceTest {

  @Test
  void of_twoFunctions_answersWithEachAndWithTheChecksOfTheFirst() throws Exception {
    Finding finding = Finding.warning("source", "is a test", "leave it");
    Source<Long, String> one =
        new Source<>() {
          @Override
          public Row<String> load(Long key) {
            return Row.present("one", key);
          }

          @Override
          public List<Finding> check() {
            return List.of(finding);
          }

          @Override
          public Optional<String> obstacle() {
            return Optional.of("nothing is free");
          }
        };

    BulkSource<Long, String> source =
        BulkSource.of(one, keys -> Map.of(2L, Row.present(keys.toString(), 2)));

    assertThat(source.load(1L)).isEqualTo(Row.present("one", 1));
    assertThat(source.loadAll(List.of(1L, 2L)))
        .containsOnly(Map.entry(2L, Row.present("[1, 2]", 2)));
    assertThat(source.check()).containsExactly(finding);
    assertThat(source.obstacle()).contains("nothing is free");
  }
}
