package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.Finding;
import io.tidemark.spi.Finding.Severity;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RedisSetupTest {

  @ParameterizedTest
  @CsvSource({
    "4.0.14,ERROR",
    "5.0.7,WARNING",
    "6.0.16,WARNING",
    "6.2.0,",
    "7.0.15,",
    "8.2.1,",
    "255.255.255,"
  })
  void checkVersion_tellsWhatIsTooOld(String version, Severity expected) {
    List<Finding> findings = RedisSetup.checkVersion(version);

    assertThat(findings)
        .extracting(Finding::severity)
        .isEqualTo(expected == null ? List.of() : List.of(expected));
  }
}
