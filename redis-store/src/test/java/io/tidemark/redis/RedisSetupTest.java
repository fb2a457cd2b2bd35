package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.Finding;
import io.tidemark.spi.Finding.Severity;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

  @ParameterizedTest
  @CsvSource({
    "allkeys-lru,",
    "allkeys-lfu,",
    "noeviction,",
    "volatile-ttl,evicts claims first",
    "allkeys-lrm,'evicts what was not written for long, however often it is read'",
    "volatile-lrm,'evicts what was not written for long, however often it is read'"
  })
  void checkEviction_tellsWhatIsBad(String policy, @Nullable String expected) {
    assertThat(RedisSetup.checkEviction("1000", policy))
        .hasSize(expected == null ? 0 : 1)
        .allSatisfy(
            finding -> {
              assertThat(finding.severity()).isEqualTo(Severity.WARNING);
              assertThat(finding.problem()).contains("'" + policy + "', which " + expected);
            });
    assertThat(RedisSetup.checkEviction("0", policy)).as("nothing is evicted").isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      textBlock =
          """
          ERR Could not find scripting engine 'lua',                                  SCRIPTS
          "ERR unknown command `EVAL`, with args beginning with: ",                   UNKNOWN
          "ERR unknown command 'EVALSHA', with args beginning with: ",                UNKNOWN
          NOPERM User a has no permissions to run the 'get' command,                  RIGHTS
          EXECABORT Transaction discarded because of: NOPERM this user has no rights, RIGHTS
          ERR something else,                                                         OTHER
          """)
  void refusal_isToldByItsWords(String words, Refusal expected) {
    assertThat(Refusal.of(words)).isEqualTo(expected);
  }
}
